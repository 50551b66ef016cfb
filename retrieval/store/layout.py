"""Which files an index is divided into: large ones that stay, small ones for what is new."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bifolio.retrieval.store.lexical import RANKED, WHOLE
from bifolio.retrieval.store.segments import Range, Segment

# A file is joined with the newer ones once they hold half as much: so what is added costs its own
# size a few times over, and not that of the library.
_SHARE = 2
# A file is written again once this share of its chunks, one in so many, is gone.
_GONE = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """From which numbers of chunks on an index is divided and compressed.

    Libraries of up to ``exact`` chunks are searched exactly. Beyond, files of more than ``small``
    chunks are compressed, which takes long enough to do it beside the answers; ``joined`` is how
    many share a file in any case. In libraries of more than ``whole`` chunks at most ``ranked`` are
    ranked by their words for one question.
    """

    exact: int = 200_000
    small: int = 25_000
    joined: int = 4_096
    whole: int = WHOLE
    ranked: int = RANKED


DEFAULT_LAYOUT = Layout()


def is_compressed(total: int, segments: Sequence[Segment], layout: Layout) -> bool:
    """Tell whether a library of so many chunks is compressed, or still is.

    What shrank goes back only when it is well below the limit, so that it does not go to and fro.
    """
    if any(not segment.exact for segment in segments):
        return total > layout.exact // 2
    return total > layout.exact


def light(range_: Range, layout: Layout, *, compressed: bool) -> bool:
    """Tell whether a range is indexed at once: as it stands in memory, or by a writer."""
    return not compressed or range_.chunks <= layout.small


def planned(
    ranges: Sequence[Range], layout: Layout, *, compressed: bool, whole: bool
) -> list[Range]:
    """Give the ranges of a language as they should be saved; those without a segment are new.

    Not ``whole`` leaves aside what takes long: no file of a compressed library is joined to a
    large one, and no large one is written again.
    """
    most = layout.small if compressed and not whole else None
    found: list[Range] = []
    for range_ in ranges:
        newest = range_
        if (most is None or range_.chunks <= most) and _outdated(range_, layout, compressed):
            newest = replace(range_, segment=None)
        while found and newest.segment is None and _join(found[-1], newest, layout, most):
            before = found.pop()
            newest = Range(
                newest.language, before.after, newest.last, before.chunks + newest.chunks
            )
        if newest.chunks:
            found.append(newest)
    return found


def _outdated(range_: Range, layout: Layout, compressed: bool) -> bool:
    segment = range_.segment
    if segment is None:
        return False
    if range_.chunks < segment.chunks * (_GONE - 1) / _GONE:
        return True
    return segment.exact != light(range_, layout, compressed=compressed)


def _join(older: Range, newer: Range, layout: Layout, most: int | None) -> bool:
    together = older.chunks + newer.chunks
    if most is not None and together > most:
        return False
    return together <= layout.joined or older.chunks < _SHARE * newer.chunks
