"""Subjects that a library can be asked about: the headings of its own documents."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bifolio.ingest import Chunk
from bifolio.library import Library

# Chunks that are drawn to look for headings.
_DRAWN = 40
_LONGEST = 60
_CHINESE = re.compile(r"[\u4e00-\u9fff]")
# Headings that say nothing of what stands below them, and numbers alone.
_EMPTY = re.compile(
    r"[\W\d_]*|(?:table of )?contents?|index|references|bibliography|introduction|abstract|"
    r"appendix|figures?|summary|目\s*录|前\s*言|引\s*言|摘\s*要|附\s*录|参考文献",
    re.IGNORECASE,
)
_NUMBER = re.compile(
    r"^(?:第[一二三四五六七八九十百\d]+[章节条]|[\d.]+|[一二三四五六七八九十]+、)\s*"
)


@dataclass(frozen=True, slots=True)
class Subject:
    """A heading of a document, and the title of that document."""

    heading: str
    title: str

    @property
    def is_chinese(self) -> bool:
        """Whether it is written in Chinese."""
        return bool(_CHINESE.search(self.heading))


def subjects(library: Library, count: int) -> tuple[Subject, ...]:
    """Give so many subjects at most, of as many documents as there are; the same ones each time."""
    of_documents: dict[str, list[Subject]] = {}
    for chunk in library.sample(_DRAWN):
        document = chunk.document
        for heading in _headings(chunk):
            if _says_something(heading) and not _names(heading, document.title):
                of_documents.setdefault(document.path, []).append(Subject(heading, document.title))
    chosen: list[Subject] = []
    # The first of each document, then the second of each.
    for place in range(_DRAWN):
        for found in of_documents.values():
            if place < len(found) and found[place].heading not in {c.heading for c in chosen}:
                chosen.append(found[place])
    return tuple(chosen[:count])


def _headings(chunk: Chunk) -> Iterator[str]:
    """Yield the heading that a chunk begins below, and those that stand in it."""
    path = chunk.document.heading_path(chunk.start)
    inside = (one.title for one in chunk.document.headings if chunk.start < one.start < chunk.end)
    for title in (*path[-1:], *inside):
        yield _NUMBER.sub("", " ".join(title.split()))


def _names(heading: str, title: str) -> bool:
    """Tell whether a heading is the title itself, or a line of it."""
    heading, title = heading.casefold(), title.casefold()
    return heading in title or title in heading


def _says_something(heading: str) -> bool:
    return bool(heading) and len(heading) <= _LONGEST and not _EMPTY.fullmatch(heading)
