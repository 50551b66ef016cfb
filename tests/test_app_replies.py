"""Replies of language models: thoughts, keys in every shape, and what a server does wrong."""

import itertools
from collections.abc import Iterator

import pytest

from bifolio.answers.citing import Markers
from bifolio.answers.replies import Reply
from bifolio.language_model import EmptyReply, LanguageModelError


def said(*pieces: str) -> str:
    return Reply(pieces).whole()


def letters(text: str) -> list[str]:
    return list(text)


@pytest.mark.parametrize(
    ("opened", "closed"),
    [
        ("<think>", "</think>"),
        ("<THINKING>", "</THINKING>"),
        ("\n<thought>", "</thought>"),
        ("<seed:think>", "</seed:think>"),
        ("<think >", "</think >"),
        ('<thinking type="long">', "</thinking>"),
        ('<details type="reasoning" done="true">', "</details>"),
        ("<|channel>thought\n", "<channel|>"),
        ("analysis", "assistantfinal"),
        ("[THINK]", "[/THINK]"),
        ("◁think▷", "◁/think▷"),
        ("<|begin_of_thought|>", "<|end_of_thought|>"),
        (
            "<|channel|>analysis<|message|>",
            "<|end|><|start|>assistant<|channel|>final<|message|>",
        ),
    ],
)
def test_thoughts_between_tags_are_no_answer_however_they_are_cut(opened: str, closed: str) -> None:
    text = f"{opened}The user wants a price. I cite [a1b2].{closed}\n\nIt costs 80 euros."
    assert said(text) == "It costs 80 euros."
    assert said(*letters(text)) == "It costs 80 euros."


def test_thoughts_without_an_opening_tag_are_taken_back() -> None:
    for pieces in (
        ["Let me see.\n</think>\n\nIt costs 80 euros."],
        ["Passage one gives a price of 80.", "</thi", "nk>", "It costs 80 euros."],
        letters("Passage one gives a price of 80.</think>It costs 80 euros."),
    ):
        assert said(*pieces) == "It costs 80 euros."


def test_who_thinks_aloud_is_not_shown_before_it_is_known_what_it_was() -> None:
    reply = Reply(["Okay, the user ", "wants a price.", "</think>", "It costs ", "80 euros."])
    assert "".join(reply) == "It costs 80 euros." == reply.text


def test_thoughts_alone_are_an_error_and_no_answer() -> None:
    for text in ("<think>I do not know.</think>\n", "<think>I do not", "Hm.</think>"):
        with pytest.raises(EmptyReply, match="thought"):
            said(text)


@pytest.mark.parametrize(
    "call",
    [
        '<tool_call>\n{"name": "search", "arguments": {"q": "[a1a1]"}}\n</tool_call>',
        '[TOOL_CALLS][{"name": "search"}]',
        "<|python_tag|>search.call()<|eom_id|>",
        '<function=search>{"q": "price"}</function>',
        '<｜DSML｜function_calls>\n<｜DSML｜invoke name="search">',
        "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function",
        '<|channel|>commentary to=functions.search <|constrain|>json<|message|>{"q": 1}<|call|>',
    ],
)
def test_a_tool_asked_for_in_the_text_is_no_answer(call: str) -> None:
    for pieces in ([call], letters(call)):
        with pytest.raises(EmptyReply, match="asked for a tool"):
            said(*pieces)
        reply = Reply(["It costs 80 [a1a1].\n", *pieces], ["a1a1"])
        assert "".join(reply).strip() == reply.text == "It costs 80 [1]."
        assert "asked for a tool" in str(reply.trouble)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("<answer>\nIt costs 80.\n</answer>\nAsk more.", "It costs 80.\n\nAsk more."),
        ("<think>Hm.</think><final_answer>It costs 80.</final_answer>", "It costs 80."),
        ("<|begin_of_box|>It costs 80.<|end_of_box|>", "It costs 80."),
        ("Assistant: It costs 80.", "It costs 80."),
        ("助手：八十元。", "八十元。"),
        ("assistant\n\nIt costs 80 euros.", "It costs 80 euros."),
    ],
)
def test_what_a_model_puts_around_its_answer_is_none_of_it(text: str, shown: str) -> None:
    assert said(text) == said(*letters(text)) == shown


@pytest.mark.parametrize(
    "text",
    [
        "Write <answer> before it and </answer> behind it.",
        "Assistant staff work from 9:00: ask them.",
        "The assistants' final report is an assistant's.",
        "The ferry has details: see <details>.",
        "Call `<tool_call>` or [TOOLS] as a function.",
    ],
)
def test_words_that_look_like_tags_are_text(text: str) -> None:
    assert said(text) == said(*letters(text)) == text


def test_a_tag_that_is_spoken_of_is_text() -> None:
    text = "The parser skips `<think>` and '</think>' in its input, and <thin> too."
    assert said(*letters(text)) == text


def test_markers_in_thoughts_do_not_count() -> None:
    reply = Reply(["I read [b2b2] first.</think>It costs 80 euros [a1a1]."], ["a1a1", "b2b2"])
    reply.whole()
    assert (reply.text, reply.numbers) == ("It costs 80 euros [1].", {"a1a1": 1})


def test_what_came_before_trouble_stays_with_the_trouble() -> None:
    def pieces() -> Iterator[str]:
        yield "It costs 80 euros [a1"
        raise LanguageModelError("it broke off")

    reply = Reply(pieces(), ["a1a1"])
    assert "".join(reply) == reply.text == "It costs 80 euros [a1"
    assert str(reply.trouble) == "it broke off"


def test_trouble_without_text_is_raised() -> None:
    def pieces() -> Iterator[str]:
        yield "<think>80 euros"
        raise LanguageModelError("it broke off")

    with pytest.raises(LanguageModelError, match="broke off"):
        Reply(pieces()).whole()


def test_a_reader_that_stops_early_stops_the_model() -> None:
    stopped = []

    def pieces() -> Iterator[str]:
        try:
            yield from itertools.repeat("word ")
        finally:
            stopped.append(True)

    reading = iter(Reply(pieces()))
    next(reading)
    reading.close()
    assert stopped


@pytest.mark.parametrize("gap", ["", " ", "\n", " \n\n"])
def test_a_model_that_cannot_stop_citing_is_stopped_and_shown_once_a_line(gap: str) -> None:
    ended: list[bool] = []

    def without_end() -> Iterator[str]:
        try:
            yield "The ferry leaves at noon. "
            while True:
                yield from letters(f"[a1b2][c3d4]{gap}")
        finally:
            ended.append(True)

    reply = Reply(without_end(), ["a1b2", "c3d4"])
    shown = "".join(reply)
    assert ended == [True]
    assert shown.strip() == reply.text.strip()
    assert reply.text.startswith("The ferry leaves at noon. [1][2]")
    assert all(line.count("[1]") <= 1 for line in reply.text.split("\n"))


def test_a_marker_that_begins_a_line_is_kept_for_what_stands_behind_it() -> None:
    reply = Reply(letters("Dogs pay half [a1b2].\n\n[a1b2] Cats pay nothing."), ["a1b2"])
    assert "".join(reply) == "Dogs pay half [1].\n\n[1] Cats pay nothing."


def test_a_reply_that_only_cites_says_nothing() -> None:
    reply = Reply(letters("[a1b2]\n[a1b2]. " * 30), ["a1b2"])
    with pytest.raises(EmptyReply, match="empty reply"):
        next(iter(reply))


def test_a_marker_before_the_first_word_waits_for_it() -> None:
    shown = list(Reply(["[a1b2] ", "Dogs ", "pay."], ["a1b2"]))
    assert shown[0].startswith("[1] ")
    assert "".join(shown) == "[1] Dogs pay."
    assert len(shown[0]) > len("[1] ")


def test_a_model_that_cites_everything_twice_is_read_to_its_end() -> None:
    reply = Reply(letters("Dogs pay half [a1b2][a1b2]. " * 30), ["a1b2"])
    assert "".join(reply).strip() == reply.text == ("Dogs pay half [1]. " * 30).strip()


def marked(text: str, *keys: str) -> str:
    """Show our own markers as {1}; the same text letter by letter must give the same."""
    shown = []
    for pieces in ([text], letters(text)):
        markers = Markers(keys or ("ab12", "cd34"))
        whole = "".join(markers.replace(pieces))
        for mark in reversed(markers.marks):
            assert whole[mark.start : mark.end] == f"[{mark.number}]"
            whole = f"{whole[: mark.start]}{{{mark.number}}}{whole[mark.end :]}"
        shown.append(whole)
    assert shown[0] == shown[1]
    return shown[0]


@pytest.mark.parametrize(
    "citation",
    [
        "[ab12]",
        "【ab12】",
        "〖ab12〗",
        "(Key ab12)",
        "(ab12)",
        "（ab12）",
        "[[ab12]]",
        "([ab12])",
        "[(ab12)]",
        "[^ab12]",
        "[#ab12]",
        "[@ab12]",
        "[AB12]",
        "[ ab12 ]",
        "[key: ab12]",
        "[Key ab12]",
        "[来源：ab12]",
        "（来源：ab12）",
        "(source: ab12)",
        "(see ab12, page 3)",
        "(cf. ab12)",
        "(according to ab12)",
        "[ab12.]",
        "[ab12, p. 3]",
        "[ab12, Harbour guide, page 3]",
        "[ab12](https://example.org/a)",
        "[ab12](#ab12)",
        "<<ab12>>",
        "[<<ab12>>]",
        "<ab12>",
        "{ab12}",
        "`[ab12]`",
        "[`ab12`]",
        "`ab12`",
        "**[ab12]**",
        "[**ab12**]",
        "<sup>[ab12]</sup>",
        "<cite>ab12</cite>",
        "^ab12^",
        "【ab12†source】",
        r"\[ab12\]",
        r"\cite{ab12}",
        "⟦ab12⟧",
        "«ab12»",
        "ab12",
        "［ab12］",
        "[ab12, 0bad]",
        "[ab12, ab12]",
    ],
)
def test_a_key_is_known_in_every_shape(citation: str) -> None:
    assert marked(f"It costs 80 euros {citation}.") == "It costs 80 euros {1}."
    assert marked(f"票价八十元{citation}。") == "票价八十元{1}。"


@pytest.mark.parametrize(
    "citation",
    [
        "[ab12, cd34]",
        "[ab12;cd34]",
        "[ab12-cd34]",
        "[ab12、cd34]",
        "[ab12] [cd34]",
        "[ab12][cd34]",
        "(ab12 and cd34)",
        "[ab12/cd34]",
        "【ab12】【cd34】",
        "[ab12 cd34]",
        "[[ab12], [cd34]]",
    ],
)
def test_several_keys_give_several_markers(citation: str) -> None:
    shown = marked(f"It costs 80 euros {citation}.")
    assert shown.replace(" ", "").replace("[", "").replace("]", "").replace(",", "") == (
        "Itcosts80euros{1}{2}."
    )


@pytest.mark.parametrize(
    "text",
    [
        "Read `a[0]` and rows[12][3] in 2024.",
        "It began in [2024], see [12] and [3-5].",
        "See [the guide](https://example.org/ab) and [figure 2].",
        "As [1] and [23] say (see below), [sic] {x} <b>.",
        "- [ ] open\n- [x] done\n",
        "甲【注】乙（见下）丙[1]。",
        "f(x) = [0, 1) and a[i][j], [cafe] [face] [dead]",
        "The file is at https://example.org/ab12/cd34 or ab12cd34.",
        "![alt](data:ab)",
        "[",
        "((([[[",
    ],
)
def test_brackets_that_are_no_citations_stay(text: str) -> None:
    assert marked(text) == text


def test_a_key_that_was_not_handed_out_is_dropped_and_words_stay() -> None:
    assert marked("It costs 80 [0bad][9f9f, 1a1a].") == "It costs 80 ."
    assert (
        marked("The hull (3c4d) and [3c4d paint] stay.") == "The hull (3c4d) and [3c4d paint] stay."
    )


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("It costs **80 euros**[ab12].", "It costs **80 euros**{1}."),
        ("票价为 **八十元**【ab12】。", "票价为 **八十元**{1}。"),
        ("It costs *80*[ab12][cd34] or _90_[ab12].", "It costs *80*{1}{2} or _90_{1}."),
        ("**[ab12] It costs 80.** **[cd34]**", "**{1} It costs 80.** {2}"),
    ],
)
def test_bold_words_before_a_key_stay_bold(text: str, shown: str) -> None:
    assert marked(text) == shown


def test_a_key_among_words_leaves_the_words() -> None:
    assert marked("It costs 80 (the ferry timetable, ab12).") == (
        "It costs 80 (the ferry timetable, {1})."
    )
    assert marked("It costs [80 euros](ab12).") == "It costs [80 euros]{1}."


def test_a_number_in_brackets_that_the_model_wrote_is_no_marker() -> None:
    assert marked("It costs 80 [1] or 90 [ab12].") == "It costs 80 [1] or 90 {1}."


@pytest.mark.parametrize(
    "text",
    [
        "Run this:\n\n```bash\ngrep [ab12] log\nls ab12\n```\n",
        "Run this:\n~~~\n[ab12]\n```\n(ab12)\n~~~\n",
        "1. Run\n   ```\n   cut ab12\n   ```\n",
        "- ```python\n  x[ab12] = 1\n  ```\n",
        "Write `x[ab12] = 1` there.",
        "Write ``a`[ab12]`` and `grep ab12 log`.",
        "It never ends:\n```\n[ab12]",
        "````\n```\nx\n```\n[ab12] y\n````\nso",
    ],
)
def test_a_key_in_code_stays_code(text: str) -> None:
    text = "So it is.\n" + text
    assert marked(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("```markdown\nIt costs 80 euros [ab12].\n```", "```markdown\nIt costs 80 euros {1}.\n```"),
        ("```\nIt costs 80 euros [ab12].\n```\n", "```\nIt costs 80 euros {1}.\n```\n"),
        ("Run:\n```sh\n[ab12]\n```\nIt stops [ab12].", "Run:\n```sh\n[ab12]\n```\nIt stops {1}."),
        ("Use `grep x` [ab12] or `[ab12]`.", "Use `grep x` {1} or {1}."),
        ("A tick ` alone [ab12].", "A tick ` alone {1}."),
    ],
)
def test_a_key_beside_code_is_a_citation(text: str, shown: str) -> None:
    assert marked(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "It costs 80 euros.<|im_end|>",
        "It costs 80 euros.<|eot_id|>\nUser: And for two?\n",
        "It costs 80 euros.<end_of_turn>\n<start_of_turn>user\nAnd for two?",
        "<|im_start|>assistant\nIt costs 80 euros.<|im_end|>\n<|im_start|>user\nAnd?",
        "<bos><start_of_turn>model\nIt costs 80 euros.<eos>",
        "It costs 80 euros.<｜end▁of▁sentence｜>",
        "It costs 80 euros.</s>\n",
        "<think>Hm.</think>It costs 80 euros.<|endoftext|>Human: so?",
    ],
)
def test_a_turn_ends_with_its_token(text: str) -> None:
    assert said(text) == said(*letters(text)) == "It costs 80 euros."


def test_a_word_that_is_struck_out_stays() -> None:
    text = "It costs <s>90</s> 80 euros."
    assert said(text) == said(*letters(text)) == text
