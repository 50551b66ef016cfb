"""Words whose letters are set apart, as those of titles often are: "C H A P T E R"."""

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby, pairwise
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bifolio.ingest.pdf.boxes import Box
    from bifolio.ingest.pdf.words import Word

    Letter = tuple[str, int, Box]  # with its place in the file

# In units of the type's size: words further apart are cells; gaps that are so much wider than
# most part words; most are between these where letters are set apart.
_WIDEST, _WIDER = 1.6, 0.2
_USUAL = (0.08, 0.8)
_FEWEST = 5
# Names of columns, answers and bases are single letters too.
_SERIES = ("abcdefghijklmnopqrstuvwxyz", "jfmamjjasond", "mtwtfss")
_KINDS = ("abcdef", "acgtun", "ynx")
_VOWELS = set("aeiouyàáâãäåæèéêëìíîïòóôõöøùúûüœ")


def closed_up(
    words: Sequence["Word"], letters: Callable[["Word"], list["Letter"]]
) -> Iterator["Word"]:
    """Put words together whose letters are set apart; ``letters`` gives those of a word."""
    # Few pages have any.
    if not any(word.text[1:2] in ("", " ") and word.text[0].isalpha() for word in words):
        yield from words
        return
    runs = groupby(_numbered(words), lambda numbered: numbered[0])
    for run in ([word for _, word in group] for _, group in runs):
        tokens = [token for word in run for token in word.text.split()]
        singles = sum(len(token) == 1 for token in tokens)
        found = []
        if len(tokens) >= _FEWEST and singles >= 0.6 * len(tokens):
            shown = [one for word in run for one in letters(word)]
            if len(shown) == len("".join(tokens)):
                found = _words(shown, run[0].size)
        yield from (_joined(run[0], word) for word in found) if found else run


def _numbered(words: Sequence["Word"]) -> Iterator[tuple[int, "Word"]]:
    """Number the runs of words that stand one behind the other in one line and type."""
    number = 0
    for before, word in pairwise([None, *words]):
        if word is None:
            continue
        number += before is None or not _follows(before, word)
        yield number, word


def _follows(before: "Word", word: "Word") -> bool:
    alike = before.turn == word.turn and abs(before.size - word.size) < 0.01 and not word.apart
    level = abs(before.bottom - word.bottom) < 0.3 * word.size
    lettered = all(one.text.replace(" ", "").isalpha() for one in (before, word))
    return alike and level and lettered and -0.1 < (word.left - before.right) / word.size < _WIDEST


def _words(letters: Sequence["Letter"], size: float) -> list[list["Letter"]]:
    """Part letters into words at the wider gaps; give none if they are no words."""
    gaps = [(after[2][0] - before[2][2]) / size for before, after in pairwise(letters)]
    usual = median(gaps)
    words = [[letters[0]]]
    for gap, letter in zip(gaps, letters[1:], strict=True):
        if gap > usual + _WIDER:
            words.append([])
        words[-1].append(letter)
    said = ["".join(letter for letter, *_ in word).casefold() for word in words]
    return words if _USUAL[0] < usual < _USUAL[1] and any(map(_is_word, said)) else []


def _is_word(text: str) -> bool:
    is_series = any(text in series for series in _SERIES)
    is_kinds = any(set(text) <= set(kinds) for kinds in _KINDS)
    reads = len(text) >= _FEWEST - 1 and len(set(text)) > 2 and bool(_VOWELS & set(text))
    return reads and not is_series and not is_kinds


def _joined(first: "Word", letters: Sequence["Letter"]) -> "Word":
    boxes = [box for *_, box in letters]
    return first._replace(
        text="".join(letter for letter, *_ in letters),
        left=boxes[0][0],
        top=min(box[1] for box in boxes),
        right=boxes[-1][2],
        bottom=max(box[3] for box in boxes),
        order=letters[0][1],
        last=letters[0][1],
        spaced=True,
    )
