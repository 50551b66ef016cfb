"""How well and how fast PDF files are read, by Bifolio and by the libraries alone.

    python bench/reading.py [FILE.pdf ...]

Writes pages of known words (prose, two columns, a table, hyphens, running heads; English and
Chinese), reads them by each library, and prints the share of the words that were found, how much of
their order is right, and the share of the table's rows that stand in a line of their own. The time
is CPU time inside one process, the best of three, and beside it how many times faster than pypdf
that is. A manual of 200 pages and further files are only timed. pdfplumber takes part where it is
installed.
"""

import importlib.util
import io
import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from difflib import SequenceMatcher
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from pdf_pages import Shown, lines, page_bytes

from bifolio.ingest.pdf.parse import parse_pdf

PAGES = 12
MANUAL = 200
Reader = Callable[[bytes], str]


class Sample(NamedTuple):
    """A file, the text that it should give, and rows each of which should be a line."""

    name: str
    data: bytes
    text: str
    rows: Sequence[Sequence[str]] = ()


class Score(NamedTuple):
    """Shares between 0 and 1, and seconds."""

    words: float
    order: float
    rows: float
    seconds: float


def samples() -> Iterator[Sample]:
    """Yield the files, always the same."""
    dice = random.Random(7)
    english = [_english(dice) for _ in range(900)]
    chinese = ["".join(chr(dice.randrange(0x4E00, 0x5E00)) for _ in range(2)) for _ in range(500)]
    yield _prose("prose", english, dice, columns=1)
    yield _prose("two columns, one after the other", english, dice, columns=2)
    yield _prose("two columns, line by line", english, dice, columns=2, by_line=True)
    yield _prose("prose with running heads", english, dice, columns=1, head="Yearbook of the mill")
    yield _hyphens(english, dice)
    yield _chinese(chinese, dice)
    yield _table(english, dice)


def readers() -> dict[str, Reader]:
    """Give the readers by name."""
    found: dict[str, Reader] = {
        "bifolio": lambda data: parse_pdf(data).text,
        "pypdf": _by_pypdf,
        "pypdfium2": _by_pdfium,
    }
    if importlib.util.find_spec("pdfplumber"):
        found["pdfplumber"] = _by_pdfplumber
    return found


def manual() -> Sample:
    """Give a long file with headings, prose, a table now and then, and running heads."""
    dice = random.Random(11)
    words = [_english(dice) for _ in range(900)]
    pages = []
    for number in range(MANUAL):
        shown = [Shown(50, 40, "Manual of the mill"), Shown(500, 40, str(number + 1))]
        shown.append(Shown(50, 70, " ".join(dice.choices(words, k=4)).title(), 18))
        shown += lines(_wrapped(dice.choices(words, k=350), 84), top=110)
        shown += [
            Shown(left, 700 + 18 * row, f"{dice.choice(words)} {dice.randrange(99)}")
            for row in range(4 if number % 3 else 0)
            for left in (50, 250, 420)
        ]
        pages.append(shown)
    return Sample(f"a manual of {MANUAL} pages", page_bytes(*pages), "")


def score(sample: Sample, read: Reader) -> Score:
    """Read a sample three times and compare it with what it should be."""
    seconds, text = [], ""
    for _ in range(3):
        started = time.process_time()
        text = read(sample.data)
        seconds.append(time.process_time() - started)
    if not sample.text:
        return Score(0.0, 0.0, 0.0, min(seconds))
    wanted, given = _units(sample.text), _units(text)
    found = sum((Counter(wanted) & Counter(given)).values()) / len(wanted)
    blocks = SequenceMatcher(None, wanted, given, autojunk=False).get_matching_blocks()
    kept = {" ".join(line.replace("|", " ").split()) for line in text.split("\n")}
    whole = sum(" ".join(row) in kept for row in sample.rows)
    return Score(
        found,
        sum(block.size for block in blocks) / len(wanted),
        whole / len(sample.rows) if sample.rows else float("nan"),
        min(seconds),
    )


def main(files: Sequence[str]) -> None:
    """Print a table of the scores."""
    print(f"{'':34}{'':12}{'words':>7}{'order':>7}{'rows':>7}{'ms':>9}{'pypdf':>8}")
    more = [Sample(Path(file).name, Path(file).read_bytes(), "") for file in files]
    for sample in [*samples(), manual(), *more]:
        scores = {name: score(sample, read) for name, read in readers().items()}
        for name, (words, order, rows, seconds) in scores.items():
            shares = "".join(f"{share:7.3f}" for share in (words, order, rows))
            times = scores["pypdf"].seconds / seconds
            shown = shares if sample.text else " " * len(shares)
            print(f"{sample.name:34}{name:12}{shown}{1000 * seconds:9.1f}{times:7.1f}x")


def _units(text: str) -> list[str]:
    """Give Latin words, and single Chinese characters."""
    spaced = "".join(f" {letter} " if letter >= "\u3000" else letter for letter in text)
    return spaced.replace("|", " ").split()


def _english(dice: random.Random) -> str:
    parts = ("ba", "cor", "den", "fi", "gal", "ho", "lem", "mi", "nor", "pu", "ras", "ten", "vo")
    return "".join(dice.choice(parts) for _ in range(dice.randint(1, 4)))


def _wrapped(words: Sequence[str], width: int) -> list[str]:
    wrapped, line = [], ""
    for word in words:
        if len(line) + len(word) + 1 > width:
            wrapped.append(line)
            line = ""
        line = f"{line} {word}".strip()
    return [*wrapped, line]


def _prose(
    name: str,
    vocabulary: Sequence[str],
    dice: random.Random,
    *,
    columns: int,
    by_line: bool = False,
    head: str = "",
) -> Sample:
    pages, told = [], [head] if head else []
    for number in range(PAGES):
        texts = [_wrapped(dice.choices(vocabulary, k=220 // columns), 84 // columns - 4)]
        texts += [_wrapped(dice.choices(vocabulary, k=110), 38)] if columns == 2 else []
        told += [line for column in texts for line in column]
        placed = [lines(column, left=50 + 260 * n, top=70) for n, column in enumerate(texts)]
        shown = [one for column in placed for one in column]
        if by_line:
            shown.sort(key=lambda one: (one.top, one.left))
        if head:
            shown += [Shown(50, 40, head), Shown(500, 40, str(number + 1))]
        pages.append(shown)
    return Sample(name, page_bytes(*pages), " ".join(told))


def _hyphens(vocabulary: Sequence[str], dice: random.Random) -> Sample:
    pages, told = [], []
    for _ in range(PAGES):
        words = dice.choices([word for word in vocabulary if len(word) > 7], k=160)
        wrapped = _wrapped(words, 70)
        # The first four letters of each line stand at the end of the line before.
        starts = [wrapped[0], *(line[4:] for line in wrapped[1:])]
        ends = [f" {line[:4]}-" for line in wrapped[1:]]
        shown = [start + end for start, end in zip(starts, [*ends, ""], strict=True)]
        told += words
        pages.append(lines(shown, top=70))
    return Sample("words broken at the line's end", page_bytes(*pages), " ".join(told))


def _chinese(vocabulary: Sequence[str], dice: random.Random) -> Sample:
    pages, told = [], []
    for _ in range(PAGES):
        texts = ["".join(dice.choices(vocabulary, k=20)) for _ in range(30)]
        told += texts
        pages.append([one._replace(font="G") for one in lines(texts, top=70)])
    return Sample("Chinese prose", page_bytes(*pages), "".join(told))


def _table(vocabulary: Sequence[str], dice: random.Random) -> Sample:
    rows = [
        (f"{dice.choice(vocabulary)} {number}", f"{dice.randrange(99)} kg", f"{dice.random():.2f}")
        for number in range(35 * PAGES)
    ]
    pages = [
        [
            Shown(left, 70 + 20 * place, cell)
            for place, row in enumerate(rows[35 * number : 35 * (number + 1)])
            for left, cell in zip((50, 250, 420), row, strict=True)
        ]
        for number in range(PAGES)
    ]
    return Sample("a table", page_bytes(*pages), " ".join(" ".join(row) for row in rows), rows)


def _by_pypdf(data: bytes) -> str:
    import pypdf

    return "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(data)).pages)


def _by_pdfium(data: bytes) -> str:
    import pypdfium2

    document = pypdfium2.PdfDocument(data)
    return "\n".join(
        document[index].get_textpage().get_text_range().replace("\r\n", "\n")
        for index in range(len(document))
    )


def _by_pdfplumber(data: bytes) -> str:
    import pdfplumber

    with pdfplumber.open(io.BytesIO(data)) as document:
        return "\n".join(page.extract_text() for page in document.pages)


if __name__ == "__main__":
    main(sys.argv[1:])
