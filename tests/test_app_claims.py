"""Claims: each sentence judged alone, and the guards that see what a reranker does not."""

from pathlib import Path

import pytest
from test_app_answers import ScriptedModel

from bifolio import BifolioError, Library, Models, Passage, Settings, as_json
from bifolio.answers.citing import Mark
from bifolio.answers.claims import check, cite, statements
from bifolio.answers.details import added
from bifolio.answers.finding import Finder
from bifolio.answers.guards import Finding, findings, said
from bifolio.answers.verifying import Verified, verify
from bifolio.cli import as_text
from bifolio.retrieval import Embedder, Reranker
from bifolio.settings import SUPPORT

HARBOUR = (
    "The ferry to Aro leaves at 7:30 on Monday, 12 March 2024, and carries 1,250 passengers and "
    "80 kg of mail. The tenant pays the landlord 300 euros each month. Dogs do not travel free. "
    "Lorries may wait on the north side. The fine is 3% of the price. The voyage takes 2 hours. "
    "Tickets are sold without a discount. Adults pay 80 crowns. Children pay 40 crowns. "
    "Ship A overtook ship B."
)
HAFEN = (
    "船员每月工作三十天，每天8小时。甲方应向乙方支付违约金三万元。乘客不得携带宠物上船。"
    "会议于二〇二四年三月五日召开。行李重量不超过20公斤。罚款为百分之三。末班船星期五二十点半开船。"
)


def codes(claim: str, passage: str = HARBOUR, context: str = "") -> list[str]:
    return [finding.code for finding in findings(claim, passage, context=context)]


@pytest.mark.parametrize(
    ("claim", "code"),
    [
        ("It carries 1,350 passengers.", "number"),
        ("The fine is four percent of the price.", "number"),
        ("Adults pay 40 crowns.", "number"),
        ("罚款为百分之五。", "number"),
        ("It carries 80 g of mail.", "unit"),
        ("邮件重80克。", "unit"),
        ("The ferry to Aro leaves at 8:30.", "date"),
        ("The ferry leaves on Tuesday.", "date"),
        ("The ferry leaves on 13 March 2024.", "date"),
        ("The ferry leaves on 12 March 2023.", "date"),
        ("The ferry leaves in April.", "date"),
        ("渡轮3月21日开船。", "date"),
        ("Dogs travel free.", "negation"),
        ("Lorries may not wait on the north side.", "negation"),
        ("Lorries may never wait on the north side.", "negation"),
        ("Tickets are sold with a discount.", "negation"),
        ("The tenant doesn't pay the landlord.", "negation"),
        ("The landlord pays the tenant 300 euros each month.", "parties"),
        ("Ship B overtook ship A.", "parties"),
    ],
)
def test_what_contradicts_a_passage_is_found(claim: str, code: str) -> None:
    assert codes(claim) == [code]


@pytest.mark.parametrize(
    ("claim", "code"),
    [
        ("船员每月工作20天。", "number"),
        ("每天9小时。", "number"),
        ("The crew work 9 hours a day.", "number"),
        ("行李不超过20吨。", "unit"),
        ("会议于2024年3月6日召开。", "date"),
        ("会议于2023年3月5日召开。", "date"),
        ("末班船星期六开船。", "date"),
        ("The last boat leaves at 9 pm.", "date"),
        ("乘客可以携带宠物上船。", "negation"),
        ("会议没有召开。", "negation"),
        ("乙方应向甲方支付违约金三万元。", "parties"),
    ],
)
def test_what_contradicts_a_chinese_passage_is_found(claim: str, code: str) -> None:
    assert codes(claim, HAFEN) == [code]


@pytest.mark.parametrize(
    "claim",
    [
        "The ferry carries 1250 passengers.",
        "It takes twelve hundred and fifty passengers.",
        "It carries 0.08 tonnes of mail, that is 80 kilograms.",
        "The fine is three percent of the price.",
        "Around 1,200 passengers fit on board.",
        "The ferry leaves on 2024-03-12 at 7.30 am.",
        "It leaves at half past seven on March 12.",
        "The voyage takes 120 minutes.",
        "The landlord gets 300 euros each month from the tenant.",
        "The landlord is paid by the tenant.",
        "Dogs don't travel free.",
        "Dogs cannot travel free of charge.",
        "Lorries wait on the north side, and not on the quay.",
        "There are two prices: adults and children.",
        "Children pay 40 crowns, adults 80.",
        "The passage does not say whether cats travel free.",
        "罚款为3%。",
        "渡轮于三月十二日七点半开船，载客一千二百五十人，航程两小时。",
    ],
)
def test_true_sentences_in_other_words_raise_no_alarm(claim: str) -> None:
    assert codes(claim) == []


@pytest.mark.parametrize(
    "claim",
    [
        "船员每月工作30天。",
        "违约金为30000元。",
        "违约金为3万元，由甲方支付给乙方。",
        "乘客不能携带宠物。",
        "行李最多20公斤。",
        "行李不超过20千克。",
        "会议于2024年3月5日召开。",
        "The fine is 3 per cent.",
        "The penalty is 30,000 yuan.",
        "The meeting was held on 5 March 2024.",
        "The last boat leaves at 8:30 pm on Friday.",
        "总的来说，一般每天工作八小时。",
    ],
)
def test_true_sentences_about_a_chinese_passage_raise_no_alarm(claim: str) -> None:
    assert codes(claim, HAFEN) == []


def test_what_the_question_or_the_title_says_may_be_said_again() -> None:
    claim = "In 2031 the tenant of flat B12 pays 300 euros."
    assert "number" in codes(claim)
    assert codes(claim, context="What does flat B12 cost in 2031?") == []


def test_a_number_in_the_wrong_row_is_found_only_where_no_other_row_has_it() -> None:
    rows = "Adults pay 80 crowns.\nStudents pay 40 crowns.\nAdults pay 40 crowns in winter."
    assert codes("Students pay 80 crowns.", rows) == ["number"]
    assert codes("Adults pay 40 crowns.", rows) == []


@pytest.mark.parametrize(
    ("passage", "claim"),
    [
        ("A ticket cannot be changed unless you pay.", "A ticket can be changed if you pay."),
        ("It does not run on Sundays.", "It runs from Monday to Saturday."),
        ("It runs Monday to Friday.", "It does not run on Sunday."),
        ("If the door is open, the engine cannot start.", "The engine cannot start if it is open."),
        ("Prices: 1.250,50 EUR", "The price is 1,250.50 euros."),
        ("Open 0730 to 1800.", "It opens at 7:30 and closes at 6 pm."),
        ("One floor has 20 rooms, the other 30.", "There are 50 rooms in all."),
        ("Smoking is prohibited on board.", "Smoking is not allowed on board."),
        (
            "The master informs the port before it leaves.",
            "Before it leaves, the master informs it.",
        ),
        ("周一至周五营业。", "周三营业。"),
        ("员工不得迟到。", "员工禁止迟到。"),
        ("甲公司收购了乙公司。", "乙公司被甲公司收购了。"),
    ],
)
def test_what_follows_from_a_passage_raises_no_alarm(passage: str, claim: str) -> None:
    assert codes(claim, passage) == []


def test_a_finding_has_facts_and_its_sentence_is_made_of_them() -> None:
    (found,) = findings("It carries 80 g of mail.", HARBOUR)
    assert found == Finding("unit", "80 g", "80 kg")
    assert said(found) == "the passage does not say “80 g”, but “80 kg”"


def marks(text: str) -> list[Mark]:
    """Take every [n] of a text as one that we wrote."""
    import re

    return [Mark(*one.span(), int(one[1])) for one in re.finditer(r"\[(\d)\]", text)]


def test_a_marker_belongs_to_the_sentence_it_stands_in_or_behind() -> None:
    text = "The ferry leaves at 7.30 [1]. Dogs pay. [2] Cats are free [1][2]. "
    text += "船七点开[1]。狗要买票。[2]"
    assert [(one.text, one.markers) for one in statements(text, marks(text))] == [
        ("The ferry leaves at 7.30.", (1,)),
        ("Dogs pay.", (2,)),
        ("Cats are free.", (1, 2)),
        ("船七点开。", (1,)),
        ("狗要买票。", (2,)),
    ]


def test_a_marker_in_front_of_its_line_belongs_to_that_line() -> None:
    text = "[1] The ferry leaves early.\n[2] Dogs pay half the fare."
    assert [one.markers for one in statements(text, marks(text))] == [(1,), (2,)]


def test_titles_questions_and_what_leads_to_a_list_are_no_claims() -> None:
    text = "## Prices\n\nThe prices are:\n- Adults pay 80 [1].\n2. Children pay 40.\nAnything else?"
    found = statements(text, marks(text))
    assert [one.text for one in found] == ["Adults pay 80.", "Children pay 40."]
    assert all(text[one.start : one.end].startswith(one.text[:6]) for one in found)
    text = (
        "**Prices**\n\n| who | fare |\n|---|:--|\n| Adults | 80 |\n\n**Dogs are free.** Cats pay."
    )
    told = ["| Adults | 80 |", "Dogs are free.", "Cats pay."]
    assert [one.text for one in statements(text, [])] == told
    assert [one.text for one in statements("**80 euros**", [])] == ["80 euros"]


@pytest.fixture
def passages(library: Library, tmp_path: Path) -> dict[int, Passage]:
    (tmp_path / "harbour.txt").write_text(HARBOUR)
    library.add(tmp_path / "harbour.txt")
    (found,) = library.search("The ferry to Aro leaves when?", threshold=0.0)
    return {1: found}


def test_one_false_sentence_marks_itself_alone(
    library: Library, passages: dict[int, Passage]
) -> None:
    text = "Lorries may wait on the north side [1]. Dogs travel free [1]. Cats sing. Owls hoot [1]."
    claims = check(text, marks(text), passages, judge=library.models.judge)
    assert [(claim.supported, claim.reason) for claim in claims] == [
        (True, "stated"),
        (False, "contradicted"),
        (False, "uncited"),
        (False, "unlikely"),
    ]
    assert [text[claim.start : claim.end] for claim in claims][2] == "Cats sing."
    (cited,) = cite(claims, passages, judge=library.models.judge)
    assert (cited.quote, cited.supported) == ("Lorries may wait on the north side.", True)


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (
            "The yard of Aro (Slip Yard) has been closed, and its cranes were sold in 2002.",
            "stated",
        ),
        ("The yard of Aro (Slip Yard) has been closed.", "stated"),
        ("Slip Yard was bought by the town.", "contradicted"),
        ("Cold stores are kept at 5 °C.", "contradicted"),
    ],
)
def test_a_sentence_that_a_passage_has_word_for_word_is_never_contradicted_by_another(
    tmp_path: Path, library: Library, said: str, reason: str
) -> None:
    (tmp_path / "yard.txt").write_text(
        "The yard of Aro (Slip Yard) has been closed; its cranes were sold in 2002.\n\n"
        "The north of Slip Yard sold the town, for the town bought it.\n\n"
        "Cold stores are kept at -5 °C.\n"
    )
    library.add(tmp_path / "yard.txt")
    found = {1: library.search("ferry", threshold=0.0)[0]}
    text = f"{said} [1]"
    (claim,) = check(text, marks(text), found, judge=library.models.judge)
    assert claim.reason == reason


@pytest.mark.parametrize(
    "frame", ["According to passage 44, ", "Based on the information in passage 4a44, "]
)
def test_where_a_sentence_says_that_it_was_found_is_no_part_of_its_claim(
    library: Library, passages: dict[int, Passage], frame: str
) -> None:
    text = f"{frame}lorries may wait on the north side [1]."
    (claim,) = check(text, marks(text), passages, judge=library.models.judge)
    assert (claim.supported, claim.reason) == (True, "stated")
    finder = Finder([passages[1]], judge=library.models.judge)
    assert finder.support(text.replace(" [1]", "")) is not None


def test_support_does_not_depend_on_the_threshold_of_the_search(
    library: Library, tmp_path: Path
) -> None:
    (tmp_path / "harbour.txt").write_text(HARBOUR)
    library.add(tmp_path / "harbour.txt")
    library.language_model = ScriptedModel(lambda keys: [f"Whales sing opera loudly [{keys[0]}]."])
    answer = library.ask("The ferry to Aro leaves when?", threshold=0.0)
    assert [cited.supported for cited in answer.citations] == [False]


def test_the_threshold_of_support_can_be_set(
    library: Library, passages: dict[int, Passage]
) -> None:
    text = "Ferry passengers wait there [1]."
    (claim,) = check(text, marks(text), passages, judge=library.models.judge)
    assert claim.score is not None
    assert claim.supported == (claim.score >= SUPPORT)
    (claim,) = check(text, marks(text), passages, judge=library.models.judge, threshold=0.0)
    assert (claim.supported, claim.reason) == (True, "likely")


def test_a_librarys_own_threshold_of_support_judges_its_answers_and_those_of_others(
    tmp_path: Path, embedder: Embedder, reranker: Reranker
) -> None:
    (tmp_path / "harbour.txt").write_text(HARBOUR)
    model = ScriptedModel(lambda keys: [f"Ferry passengers wait there [{keys[0]}]."])
    models = Models(embedder, reranker, model)
    Library(tmp_path / "library", models=models).add(tmp_path / "harbour.txt")
    for support, reason in ((0.3, "likely"), (0.9, "unlikely")):
        settings = Settings(support=support)
        library = Library.open(tmp_path / "library", models=models, settings=settings)
        answer = library.ask("The ferry to Aro leaves when?")
        assert [claim.reason for claim in answer.claims] == [reason]
        again = library.verify(as_json.answer(answer, explain=False))
        assert [claim.reason for claim in again.claims] == [reason]


def test_a_model_cannot_forge_a_marker(library: Library, tmp_path: Path) -> None:
    (tmp_path / "harbour.txt").write_text(HARBOUR)
    library.add(tmp_path / "harbour.txt")
    library.language_model = ScriptedModel(
        lambda keys: ["Whales sing [1]. ", f"Lorries may wait on the north side [{keys[0]}]."]
    )
    answer = library.ask("The ferry to Aro leaves when?")
    assert answer.text == "Whales sing [1]. Lorries may wait on the north side [1]."
    (cited,) = answer.citations
    assert (cited.quote, cited.supported) == ("Lorries may wait on the north side.", True)


def verified(library: Library, answer: str, *quotes: str, document: str = "") -> Verified:
    (entry,) = library.documents()
    cited = [
        {"marker": number, "document": document or entry.path, "quote": quote, "start": 0, "end": 1}
        for number, quote in enumerate(quotes, 1)
    ]
    given = {"question": "When?", "answer": answer, "citations": cited}
    return verify(given, sources=library.sources, judge=library.models.judge)


def test_anybodys_answer_is_checked_against_the_library(
    library: Library, passages: dict[int, Passage]
) -> None:
    quote = "Lorries may wait on the\nnorth side."
    good = verified(library, "Lorries may wait on the north side [1].", quote)
    assert (good.sound, [one.place for one in good.quotes]) == (True, ["elsewhere"])
    bad = verified(library, "Lorries may not wait on the north side [1]. So be it [3].", quote)
    assert [claim.reason for claim in bad.claims] == ["contradicted", "uncited"]
    assert not bad.sound


@pytest.mark.parametrize(
    "marks",
    [
        "[1][2]",
        "[1, 2]",
        "[1-2]",
        "[1–2]",
        "[^1][^2]",
        "【1】【2】",
        "[1、2]",
        "[Source 1, 2]",
        "【1†a】[2]",
    ],
)
def test_markers_are_read_as_others_write_them(
    library: Library, passages: dict[int, Passage], marks: str
) -> None:
    quotes = ("The fine is 3% of the price.", "Lorries may wait on the north side.")
    done = verified(library, f"Lorries may wait on the north side {marks}.", *quotes)
    assert [(one.text, one.markers) for one in done.claims] == [
        ("Lorries may wait on the north side.", (1, 2))
    ]
    assert done.sound


@pytest.mark.parametrize("bracket", ["[2024]", "(1)", "[a1]", "[1.5]", "[x, 1]"])
def test_a_bracket_that_names_no_citation_is_no_marker(
    library: Library, passages: dict[int, Passage], bracket: str
) -> None:
    done = verified(library, f"Lorries may wait {bracket} there.", "The fine is 3% of the price.")
    assert [one.markers for one in done.claims] == [()]


@pytest.mark.parametrize(
    "quote",
    ["… wait on the north side …", "Lorries may wait on the north side", "on the north side."],
)
def test_a_quote_is_found_whatever_cuts_it(
    library: Library, passages: dict[int, Passage], quote: str
) -> None:
    done = verified(library, "Lorries may wait on the north side [1].", quote)
    assert [one.place for one in done.quotes] == ["elsewhere"]


def test_an_abstention_claims_nothing_and_odd_marks_are_passed_over(
    library: Library, passages: dict[int, Passage]
) -> None:
    assert verified(library, "The documents do not answer this question.").sound
    given = {"answer": "Whales sing [1].", "citations": [], "marks": [[13, 1], [13, [1]], None, {}]}
    done = verify(given, sources=library.sources, judge=library.models.judge)
    assert [claim.reason for claim in done.claims] == ["uncited"]


def test_what_only_keeps_company_is_no_claim() -> None:
    text = "Sure! Dogs pay one. I hope this helps! Let me know if you need more. 希望对您有帮助。"
    assert [one.text for one in statements(text, [])] == ["Dogs pay one."]


def test_an_invented_quote_supports_nothing(library: Library, passages: dict[int, Passage]) -> None:
    answer = "Lorries may wait on the north side [1]."
    invented = verified(library, answer, "Lorries may wait everywhere.")
    assert [one.place for one in invented.quotes] == ["absent"]
    assert [claim.reason for claim in invented.claims] == ["misquoted"]
    elsewhere = verified(library, answer, "Lorries may wait", document="other.txt")
    assert [one.place for one in elsewhere.quotes] == ["no document"]
    assert not elsewhere.sound


def test_what_the_command_prints_can_be_verified(
    library: Library, passages: dict[int, Passage]
) -> None:
    printed = as_json.answer(library.ask("Lorries may wait on which side?"), explain=False)
    done = verify(printed, sources=library.sources, judge=library.models.judge)
    assert [one.place for one in done.quotes] == ["there"] * len(printed["citations"])
    assert done.sound


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ([], "object"),
        ({}, "answer"),
        ({"answer": "x"}, "citations"),
        ({"answer": "x", "citations": [1]}, "citation"),
        ({"answer": "x", "citations": [{"document": "d", "quote": "q"}]}, "marker"),
        ({"answer": "x", "citations": [{"marker": 1, "quote": "q"}]}, "document"),
    ],
)
def test_what_is_no_answer_is_refused_with_the_fields_name(
    library: Library, given: object, field: str
) -> None:
    with pytest.raises(BifolioError, match=field):
        verify(given, sources=library.sources, judge=library.models.judge)


@pytest.mark.parametrize(
    ("claim", "known", "words"),
    [
        (
            "The tenant pays the landlord 300 euros each month by standing order from Zurich bank.",
            HARBOUR,
            "standing order from Zurich bank",
        ),
        ("甲方应向乙方支付违约金三万元，并在报纸上公开道歉。", HAFEN, "报纸上公开道歉"),
    ],
)
def test_a_detail_behind_words_of_the_passage_is_found(claim: str, known: str, words: str) -> None:
    assert added(claim, known) == words


@pytest.mark.parametrize(
    ("claim", "known"),
    [
        ("The renter owes the proprietor a monthly sum of 300 euros.", HARBOUR),
        ("The tenant pays the landlord 300 euros each month.", HARBOUR),
        ("The tenant pays the landlord 300 euros each month in cash.", HARBOUR),
        ("租户每月需要给房东缴纳一笔费用。", HAFEN),
        ("甲方应向乙方支付违约金三万元整。", HAFEN),
    ],
)
def test_a_sentence_in_words_of_its_own_adds_no_detail(claim: str, known: str) -> None:
    assert added(claim, known) == ""


@pytest.mark.parametrize(
    ("claim", "known", "words"),
    [
        (
            "Dogs do not travel free because the law forbids it.",
            HARBOUR,
            "because the law forbids it",
        ),
        ("由于天气恶劣，乘客不得携带宠物上船。", "乘客不得携带宠物上船。", "由于天气恶劣"),
        ("Tickets cost more due to dogs that travel.", HARBOUR, ""),
        ("The ferry stays because the engine broke.", "It stays, as its motor failed.", ""),
        ("渡轮停航，因为风浪太大。", "由于大风，渡轮停航。", ""),
    ],
)
def test_a_reason_that_stands_nowhere_is_a_detail(claim: str, known: str, words: str) -> None:
    assert added(claim, known) == words


def test_a_sentence_with_an_invented_detail_is_not_supported(
    library: Library, passages: dict[int, Passage]
) -> None:
    text = (
        "Lorries may wait on the north side of the quay beneath three tall yellow lamps from"
        " Denmark [1]."
    )
    (claim,) = check(text, marks(text), passages, judge=library.models.judge)
    assert (claim.supported, claim.findings[0].code) == (False, "detail") or claim.reason == (
        "contradicted"
    )


def test_what_claims_nothing_is_not_called_sound(library: Library) -> None:
    given = {"answer": "", "question": "ferry price", "citations": []}

    done = verify(given, sources=library.sources, judge=library.models.judge)

    assert as_text.verified(done) == "The answer claims nothing: there was nothing to check."
