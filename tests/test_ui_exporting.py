"""Answers as Markdown, taken elsewhere."""

from typing import Any

import pytest

from bifolio.answers.citing import Mark
from bifolio.chats import Exchange, Reply, Source
from bifolio.chats.reply import Searched
from bifolio.ingest import message
from bifolio.ui.exporting import with_sources
from bifolio.ui.texts import ENGLISH

SEARCHED = Searched(
    steps=(),
    looked=(),
    total=0,
    threshold=None,
    threshold_source=message("x", "x"),
    space=message("x", "x"),
    keep=1,
    reranker="",
)


def source(marker: int, quote: str, **given: Any) -> Source:
    place = {"path": "/srv/guide.md", "title": "Guide", "sha256": "0", "pages": (3, 3)}
    return Source(marker=marker, quote=quote, start=0, end=len(quote), **{**place, **given})


def copied(text: str, *, mode: str = "llm", **given: Any) -> str:
    marked = text.find("[1]", text.find("crowns"))
    reply = Reply(
        text=text,
        mode=mode,
        model=None,
        abstained=False,
        notice=None,
        doubts=(),
        searched=SEARCHED,
        **{
            "sources": (source(1, "It costs five\ncrowns."),),
            "shown": (),
            "marks": (Mark(marked, marked + 3, 1),) if mode == "llm" else (),
            **given,
        },
    )
    return with_sources(Exchange(id=7, question="q", reply=reply), ENGLISH)


def test_a_copied_answer_takes_its_sources_along() -> None:
    assert copied("It costs five crowns [1].") == (
        "It costs five crowns [1].\n\nSources:\n\n"
        "[1] Guide · page 3 (guide.md): “It costs five crowns.”"
    )


@pytest.mark.parametrize(
    ("text", "shown", "mode"),
    [
        ("See [1] for x[2]: five crowns [1].", "See [1] for x[2]: five crowns [S1].", "llm"),
        ("See [1]: five crowns. [1]", "See [1]: five crowns. [S1]", "quotes"),
        ("Rows x[2]: five crowns. [1]", "Rows x[2]: five crowns. [1]", "quotes"),
    ],
)
def test_a_number_that_leads_to_a_source_is_none_that_somebody_else_wrote(
    text: str, shown: str, mode: str
) -> None:
    told = copied(text, mode=mode)
    assert told.startswith(f"{shown}\n\nSources:")
    assert ("\n[S1] Guide" in told) is ("[S1]" in shown)


def test_passages_that_may_answer_and_those_that_disagree_are_copied_too() -> None:
    near = source(0, "", before="Tickets are sold ", after="on the pier.")
    sides = ((source(-100, "five crowns"), source(-101, "nine crowns")),)
    told = copied("It is not certain.", sources=(), marks=(), shown=(near,), disagreements=sides)
    assert "These passages may answer:\n\n- Guide · page 3 (guide.md): “Tickets are sold on" in told
    assert told.endswith("“five crowns”\n- Guide · page 3 (guide.md): “nine crowns”")
