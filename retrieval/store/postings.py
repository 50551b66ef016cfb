"""Where the words of a range of chunks stand, in arrays: a cache; their home is the table words."""

import hashlib
from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bifolio.retrieval.arrays import Ids
from bifolio.retrieval.store.files import writing_whole
from bifolio.retrieval.store.segments import Segment

Places = NDArray[np.uint32]
Times = NDArray[np.uint8]
# A word in more than one chunk of so many has a row with a number for each chunk: less room than a
# place for each that has it, and no place is to be looked up.
_FILLED = 5
# What the bytes of a file mean. Whoever changes that, or what stands in the table, counts on.
_FORMAT = b"bifolio words 1\n"
_HEX = 64


class DamagedPostings(Exception):  # noqa: N818 - the name says what is wrong
    """The file is not what was saved for its segment; build it again."""


@dataclass(frozen=True, slots=True, eq=False)
class Listed:
    """Where a term stands: in ``count`` chunks, in none of them more than ``most`` times.

    ``times`` of shape (count,) says how often in each of the ``places``; of shape (chunks,), how
    often in every chunk, where there are no places.
    """

    count: int
    most: int
    places: Places | None
    times: NDArray[Any]


@dataclass(frozen=True, eq=False)
class Postings:
    """The terms of some chunks; never changed.

    ``ids`` of shape (chunks,), ascending, and ``lengths`` in words; the terms as UTF-8 in the order
    of their bytes, one behind the other in ``letters`` up to their ``ends``, of shape (terms,);
    ``counts`` says how many chunks have each, ``most`` how often at most. ``places`` and ``times``
    hold all lists, one behind the other.
    """

    ids: Ids
    lengths: NDArray[np.int32]
    letters: NDArray[np.uint8]
    ends: NDArray[np.int64]
    counts: NDArray[np.int32]
    most: Times
    places: Places
    times: Times

    @cached_property
    def _starts(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Give where the places and the times of each term begin."""
        return starts_of(self.counts, len(self.ids))

    def listed(self, term: bytes, *, begins: bool = False) -> Listed | None:
        """Tell where a term stands, or all that begin with it; None if nowhere."""
        first = bisect_left(range(len(self.ends)), term, key=self._term)
        if begins:
            # No byte of UTF-8 is as high.
            last = bisect_left(range(len(self.ends)), term + b"\xff", key=self._term)
            return self._together(first, last) if last > first else None
        if first == len(self.ends) or self._term(first) != term:
            return None
        return self._at(first)

    @cached_property
    def _spelt(self) -> tuple[memoryview, memoryview]:
        # Python reads single numbers from these far faster than from arrays.
        return self.letters.data, self.ends.data

    def _term(self, number: int) -> bytes:
        letters, ends = self._spelt
        return bytes(letters[ends[number - 1] if number else 0 : ends[number]])

    def _at(self, number: int) -> Listed:
        count, most = int(self.counts[number]), int(self.most[number])
        places, times = (int(starts[number]) for starts in self._starts)
        if is_filled(count, len(self.ids)):
            return Listed(count, most, None, self.times[times : times + len(self.ids)])
        some = self.places[places : places + count], self.times[times : times + count]
        return Listed(count, most, *some)

    def _together(self, first: int, last: int) -> Listed:
        """Give the terms from the first one to the one before the last as if they were one."""
        place_starts, time_starts = self._starts
        own = slice(first, last + 1)
        filled = first + np.flatnonzero(np.diff(place_starts[own]) < self.counts[first:last])
        together = np.zeros(len(self.ids))
        for number in filled:
            together += self._at(int(number)).times
        # Between those the times stand beside the places.
        for start, end in zip([first, *(filled + 1)], [*filled, last], strict=True):
            places = self.places[place_starts[start] : place_starts[end]]
            times = self.times[time_starts[start] : time_starts[end]]
            together += np.bincount(places, times, len(self.ids))
        return Listed(int(np.count_nonzero(together)), int(together.max()), None, together)

    def save(self, folder: Path, segment: Segment) -> None:
        """Write the file beside that of the segment: whole and on disk, or not at all."""
        digest = hashlib.sha256()
        with writing_whole(file_of(folder, segment)) as opened:

            def _take(data: bytes) -> int:
                digest.update(data)
                return opened.write(data)

            opened.write(bytes(len(_FORMAT) + _HEX))
            _take(_name(segment))
            for field in fields(self):
                array = getattr(self, field.name)
                np.lib.format.write_array(_Writing(_take), array, allow_pickle=False)
            opened.seek(0)
            opened.write(_FORMAT + digest.hexdigest().encode())

    @classmethod
    def load(cls, folder: Path, segment: Segment) -> "Postings":
        """Read the file beside that of the segment.

        Raises:
            FileNotFoundError: there is none yet.
            DamagedPostings: any byte of it differs, or it was written for another segment.
        """
        file = file_of(folder, segment)
        try:
            with file.open("rb") as opened:
                head = opened.read(len(_FORMAT) + _HEX)
                start = opened.tell()
                if head != _FORMAT + hashlib.file_digest(opened, "sha256").hexdigest().encode():
                    raise DamagedPostings(f"{file.name}: its bytes are not those that were saved")
                opened.seek(start)
                if opened.read(_HEX) != _name(segment):
                    raise DamagedPostings(f"{file.name}: it was written for another segment")
                read = np.lib.format.read_array
                found = cls(*(read(opened, allow_pickle=False) for _ in fields(cls)))
        except FileNotFoundError:
            raise
        except (OSError, ValueError, TypeError) as problem:
            raise DamagedPostings(f"{file.name}: {problem}") from problem
        if not found._is_sound():
            raise DamagedPostings(f"{file.name}: it holds no lists of words")
        return found

    def _is_sound(self) -> bool:
        """Tell whether nothing leads out of the arrays, whoever wrote the file."""
        arrays = [getattr(self, field.name) for field in fields(self)]
        if any(array.ndim != 1 or array.dtype.kind not in "iu" for array in arrays):
            return False
        places, times = (int(starts[-1]) for starts in self._starts)
        return (
            len(self.ids) == len(self.lengths)
            and len(self.ends) == len(self.counts) == len(self.most)
            and (places, times) == (len(self.places), len(self.times))
            and int(self.places.max(initial=0)) < max(1, len(self.ids))
        )


@dataclass(frozen=True, slots=True)
class _Writing:
    """What numpy takes for a file to write to."""

    write: Callable[[bytes], int]


def file_of(folder: Path, segment: Segment) -> Path:
    """Give the file of a segment's words, which stands beside that of its vectors."""
    # The name comes from the database, but a path is never built from more than a name.
    return folder / Path(segment.saved.file).with_suffix(".words").name


def _name(segment: Segment) -> bytes:
    """Give what no other segment has, of any library: the name of its file is drawn by chance."""
    saved = segment.saved
    return hashlib.sha256(f"{saved.file}/{saved.sha256}".encode()).hexdigest().encode()


def is_filled(count: int, chunks: int) -> bool:
    """Tell whether a term in so many of the chunks has a number for each chunk."""
    return count * _FILLED > chunks


def starts_of(
    counts: NDArray[np.int32], chunks: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Give where the places and the times of each term begin, and last where they end."""
    filled = counts.astype(np.int64) * _FILLED > chunks
    sizes = np.where(filled, 0, counts), np.where(filled, chunks, counts)
    found = [np.concatenate([[0], np.cumsum(one, dtype=np.int64)]) for one in sizes]
    return found[0], found[1]
