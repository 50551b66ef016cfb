"""Headings, from the outline or from the size and weight of the type."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from bifolio.ingest.pdf.layout import find_line
from bifolio.ingest.pdf.line import NO_TABLE
from bifolio.ingest.pdf.text import Joined

# A heading is set at least this much larger than the body text.
SCALE = 1.12
LONGEST = 120
_SENTENCE = re.compile(r"[.,;:。，；：]$")

Heading = tuple[int, str, int]  # level, title, start


def large_headings(joined: Joined) -> list[Heading]:
    """Give the paragraphs that are set larger than the body, or in bold where the body is not."""
    letters: Counter[tuple[float, bool]] = Counter()
    for paragraph in joined.paragraphs:
        line = paragraph.line
        letters[round(line.size, 1), line.is_bold] += paragraph.end - paragraph.start
    if not letters:
        return []
    (body, bold), _ = letters.most_common(1)[0]
    sizes = sorted((size for size, _ in letters if size >= body * SCALE), reverse=True)
    sizes = list(dict.fromkeys(sizes))
    return list(_large(joined, sizes, body=body, bold_body=bold))


def _large(
    joined: Joined, sizes: Sequence[float], *, body: float, bold_body: bool
) -> Iterator[Heading]:
    for paragraph in joined.paragraphs:
        line, title = paragraph.line, joined.text[paragraph.start : paragraph.end]
        if line.table != NO_TABLE or len(title) > LONGEST or not any(map(str.isalpha, title)):
            continue
        size = round(line.size, 1)
        if size in sizes:
            yield min(6, sizes.index(size) + 1), title, paragraph.start
        elif line.is_bold and not bold_body and size >= body and _stands_alone(title):
            yield min(6, len(sizes) + 1), title, paragraph.start


def _stands_alone(title: str) -> bool:
    return len(title) <= 80 and not _SENTENCE.search(title)


def outline_headings(joined: Joined, outline: Sequence[tuple[int, int, str]]) -> list[Heading]:
    """Find where the entries of an outline, (page index, level, title), stand in the text."""
    headings, last = [], -1
    for index, level, title in outline:
        if not title or index >= len(joined.pages):
            continue
        start, end = joined.pages[index]
        place = find_line(title, joined.text, max(start, last + 1), end)
        # Not one further than the last: that would be inside a word.
        place = max(start, last) if place is None else place
        if place < len(joined.text):
            headings.append((level, " ".join(title.split()), place))
            last = place
    return headings


def first_large(joined: Joined, headings: Sequence[Heading]) -> str:
    """Give the largest heading of the first page, which may be the title of the whole."""
    first = [heading for heading in headings if joined.pages and heading[2] < joined.pages[0][1]]
    return min(first, key=lambda heading: heading[0])[1] if first else ""
