"""Passages that disagree are shown side by side; what may well differ is not."""

from pathlib import Path

import pytest

from bifolio import Answer, Library, as_json
from bifolio.cli import as_text


def asked(library: Library, folder: Path, texts: dict[str, str], question: str) -> Answer:
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    library.add(folder)
    return library.ask(question, threshold=0.0)


@pytest.mark.parametrize(
    ("one", "other", "question", "kind"),
    [
        (
            "The mooring permit costs 80 euros a year.",
            "The mooring permit costs 95 euros a year.",
            "What does the mooring permit cost?",
            "number",
        ),
        (
            "The slipway of the harbour closes on 3 May 2024.",
            "The slipway of the harbour closes on 9 June 2024.",
            "When does the slipway of the harbour close?",
            "date",
        ),
        (
            "Dogs are allowed in the lounge of the ferry.",
            "Dogs are not allowed in the lounge of the ferry.",
            "Are dogs allowed in the lounge of the ferry?",
            "negation",
        ),
        (
            "系泊许可证每年收费八十元。",
            "系泊许可证每年收费九十五元。",
            "系泊许可证每年收费多少？",
            "number",
        ),
        (
            "渡轮休息室允许携带宠物狗。",
            "渡轮休息室不允许携带宠物狗。",
            "渡轮休息室允许携带宠物狗吗？",
            "negation",
        ),
    ],
)
def test_two_documents_that_cannot_both_hold_are_shown_side_by_side(
    library: Library, tmp_path: Path, one: str, other: str, question: str, kind: str
) -> None:
    answer = asked(library, tmp_path, {"one.txt": one, "other.txt": other}, question)

    assert [found.kind for found in answer.disagreements] == [kind]
    (found,) = answer.disagreements
    assert {found.one.quote, found.other.quote} == {one, other}
    (shown,) = as_json.answer(answer, explain=False)["disagreements"]
    assert {side["quote"] for side in shown["sides"]} == {one, other}
    assert "THE PASSAGES DISAGREE" in as_text.answer(answer, explain=False)


@pytest.mark.parametrize(
    "texts",
    [
        {
            "one.txt": "The mooring permit costs 80 euros a year.",
            "other.txt": "The mooring permit costs eighty euros a year.",
        },
        {
            "one.txt": "The mooring permit costs 80 euros a year.",
            "other.txt": "The trailer stand costs 20 euros a week.",
        },
        {
            "one.txt": "The mooring permit of Aro costs 80 euros a year.",
            "other.txt": "The mooring permit of Skarne costs 95 euros a year.",
        },
        {
            "one.txt": "Adults' mooring permit costs 80 euros a year.",
            "other.txt": "Children's mooring permit costs 40 euros a year.",
        },
        {
            "rules.md": "# Fees\n\n## Adults\n\nThe mooring permit costs 80 euros a year.\n\n"
            "## Children\n\nThe mooring permit costs 20 euros a year.\n"
        },
        {
            "a.md": "# Invoice 1003\n\nThe mooring permit costs 80 euros a year.\n",
            "b.md": "# Invoice 1004\n\nThe mooring permit costs 95 euros a year.\n",
        },
        {
            "table.md": "# Fees\n\n| mooring permit | euros |\n|---|---|\n"
            "| mooring permit small boat | 80 |\n| mooring permit small boat | 95 |\n"
        },
    ],
)
def test_what_may_well_differ_is_no_disagreement(
    library: Library, tmp_path: Path, texts: dict[str, str]
) -> None:
    answer = asked(library, tmp_path, texts, "What does the mooring permit cost a year?")

    assert answer.citations
    assert answer.disagreements == ()
