"""A follow-up keeps its subject without a language model, and another question gets none."""

from pathlib import Path

import pytest

from bifolio import Library, Turn
from bifolio.answers.following import follows, with_subject

FOLLOW_UPS = [
    "And for how long is it valid?",
    "What about children?",
    "How much?",
    "When do they have to be renewed?",
    "Who signs that?",
    "How long does this take?",
    "Is there a discount for the second one?",
    "那老人呢？",
    "它的有效期是多久？",
    "多少钱？",
    "这个要多久？",
    "该证件由谁签发？",
    "When does this rule take effect?",
    "这个规定什么时候生效？",
    "What is the price of its battery?",
    "Can I get a refund for it?",
    "Does the company repair them?",
    "more details",
    "Tell me more about it.",
    "请继续",
    "能详细说说吗？",
    "Does it apply to dogs?",
    "Can it connect to the crane?",
    "Is it open to visitors?",
    "The same for dogs?",
    "Any exceptions?",
    "Can you give an example?",
    "Which one is cheaper?",
    "哪个更便宜？",
    "周末也一样吗？",
    "有例外吗？",
    "请举例说明",
    "上面提到的费用包括什么？",
]
OTHERS = [
    "How do I stop the pump?",
    "Is it allowed to smoke in the cabin?",
    "How long does it take to reach Skarne?",
    "What happens when it rains in the harbour?",
    "Where is the report that the master signs?",
    "Which of these boats has a crane?",
    "Must passengers keep their tickets?",
    "What should a passenger do if he loses his ticket?",
    "Which ferry is the fastest, and how much does it cost?",
    "Why did the harbour of Skarne lose its crane?",
    "What does this manual say about fire?",
    "How long does the warranty last for a pump?",
    "这份手册怎么说火灾？",
    "怎样关闭水泵？",
    "其他船员什么时候上船？",
    "渡轮什么时候开？",
    "Is it forbidden to feed the gulls?",
    "Would it be possible to change the crew?",
    "Does it matter whether the pump is old?",
    "Are there exceptions for pensioners on the ferry?",
    "Which one of the pumps is new?",
    "船票有例外吗？",
    "哪个港口最大？",
    "船员和旅客一样吗？",
]


@pytest.mark.parametrize("question", FOLLOW_UPS)
def test_a_follow_up_is_known(question: str) -> None:
    assert follows(question)


@pytest.mark.parametrize("question", OTHERS)
def test_a_question_with_a_subject_of_its_own_is_none(question: str) -> None:
    assert not follows(question)
    turns = [Turn("How much is the boat licence?", "80 euros.")]
    assert with_subject(question, turns) == question


def test_the_subject_is_that_of_the_latest_question_that_was_none() -> None:
    turns = [
        Turn("Where is the pump?", "Below."),
        Turn("How much does the boat licence cost?", "80 euros."),
        Turn("And for two years?", "150 euros."),
    ]
    assert with_subject("Who issues it?", turns) == "boat licence cost: Who issues it?"
    turns = [Turn("会员卡多少钱？", "十二元。")]
    assert with_subject("有效期多久呢？", turns) == "会员卡 钱: 有效期多久呢？"


@pytest.mark.parametrize(
    ("subject", "question", "searched"),
    [
        (
            "How high is the deck of Grey Heron?",
            "And on Dawn Gull?",
            "high deck: And on Dawn Gull?",
        ),
        ("What did Halvorsen pay in 2021?", "And in 2023?", "Halvorsen pay: And in 2023?"),
        ("What did Halvorsen pay in 2021?", "And Lindqvist?", "pay 2021: And Lindqvist?"),
        ("干了六年，能休几天年假？", "十二年呢？", "干 休 天年假: 十二年呢？"),
        ("What does Grey Heron cost?", "And in winter?", "Grey Heron cost: And in winter?"),
    ],
)
def test_a_name_or_a_number_takes_the_place_of_the_subjects(
    subject: str, question: str, searched: str
) -> None:
    assert with_subject(question, [Turn(subject, "So much.")]) == searched


def test_without_turns_before_it_a_follow_up_is_asked_as_it_is() -> None:
    assert with_subject("How much?", []) == "How much?"


def test_a_follow_up_in_quotes_mode_finds_the_subjects_document(
    library: Library, tmp_path: Path
) -> None:
    (tmp_path / "kiln.txt").write_text("The kiln permit is valid for three years.")
    (tmp_path / "boat.txt").write_text("The mooring permit is valid for one year.")
    library.add(tmp_path)
    turns = [Turn("Who issues the kiln permit?", "The town issues the kiln permit [1].")]

    answer = library.ask("And how long is it valid?", history=turns, threshold=0.0)

    assert answer.question == "And how long is it valid?"
    assert answer.trace.question == "issues kiln permit: And how long is it valid?"
    assert answer.citations[0].quote == "The kiln permit is valid for three years."


def test_a_follow_up_quotes_what_has_its_own_words_before_what_has_the_subjects(
    library: Library, tmp_path: Path
) -> None:
    (tmp_path / "fares.txt").write_text(
        "A suitcase costs 4 crowns to send.\n\nA dog rides for 2 crowns."
    )
    library.add(tmp_path)
    turns = [Turn("What does it cost to send a suitcase?", "4 crowns [1].")]

    answer = library.ask("And a dog?", history=turns, threshold=0.0)

    assert answer.citations[0].quote == "A dog rides for 2 crowns."
