"""Questions that the chat offers for a beginning."""

from pathlib import Path

from bifolio import Library
from bifolio.suggesting import subjects
from bifolio.ui.suggested import suggest
from bifolio.ui.texts import CHINESE, ENGLISH

ENGLISH_TEXT = """# Ferries of the lower river: prices

## Prices

The ferry price is five crowns.

## Boarding with a bicycle

A bicycle stands on the left side of the deck.
"""
CHINESE_TEXT = """# 渡轮手册

## 退款

退款需要十天。
"""


def filled(library: Library, folder: Path) -> Library:
    (folder / "prices.md").write_text(ENGLISH_TEXT, encoding="utf-8")
    for number in range(5):
        (folder / f"{number}.md").write_text(
            CHINESE_TEXT.replace("退款", f"退款{number}"), encoding="utf-8"
        )
    library.add(folder)
    return library


def test_a_heading_that_only_repeats_the_title_is_no_subject(
    library: Library, tmp_path: Path
) -> None:
    found = subjects(filled(library, tmp_path), 40)
    assert "Boarding with a bicycle" in [one.heading for one in found]
    assert not [one for one in found if one.heading in one.title]


def test_what_is_offered_is_in_the_readers_language_first(library: Library, tmp_path: Path) -> None:
    filled(library, tmp_path)
    asked = suggest([library], ENGLISH)
    assert "Boarding with a bicycle" in asked[0]
    assert len(asked) == 4
    assert all("退款" in one for one in suggest([library], CHINESE))
