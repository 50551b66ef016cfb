"""The parts of an index in memory: each holds the chunks of one range, and knows which are gone."""

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bifolio.retrieval.arrays import Flags, Ids
from bifolio.retrieval.store.index import Index
from bifolio.retrieval.store.segments import Range, Segment, removed_since
from bifolio.retrieval.store.vectors import all_of


@dataclass(frozen=True, slots=True)
class Part:
    """The chunks of one range.

    ``index`` is None where they are too many to be held as they are and no file holds them yet:
    then each question reads them. ``alive`` flags those of the index that are still there, None if
    all are.
    """

    range: Range
    index: Index | None
    alive: Flags | None = None

    @property
    def chunks(self) -> int:
        """How many may be found."""
        if self.index is None:
            return self.range.chunks
        return len(self.index.ids) if self.alive is None else int(self.alive.sum())


@dataclass(frozen=True, slots=True)
class Known:
    """What is in memory already: parts as of a generation, and indexes by the file they are in."""

    generation: int
    parts: tuple[Part, ...]
    built: Mapping[str, Index]


def saved_part(
    connection: sqlite3.Connection,
    folder: Path,
    known: Known,
    range_: Range,
    segment: Segment,
    dims: int,
) -> Part:
    """Give the part of a segment: what this process has loaded or saved itself is not read again.

    Raises:
        DamagedIndex: its file is not what was saved.
    """
    file = segment.saved.file
    for part in known.parts:
        if part.range.segment and part.range.segment.saved.file == file and part.index:
            gone = removed_since(connection, range_, known.generation)
            return Part(range_, part.index, _without(part.index, part.alive, gone))
    index = known.built.get(file) or Index.load(folder, segment.saved, dims)
    gone = removed_since(connection, range_, segment.generation)
    return Part(range_, index, _without(index, None, gone))


def unsaved_part(connection: sqlite3.Connection, known: Known, range_: Range, dims: int) -> Part:
    """Give the part of a range that no file holds, from the database."""
    for part in known.parts:
        before = part.range
        start = (before.language, before.after) == (range_.language, range_.after)
        if start and not before.segment and part.index and before.last <= range_.last:
            gone = removed_since(connection, before, known.generation)
            return _grown(connection, part, range_, _without(part.index, part.alive, gone), dims)
    return Part(range_, Index.of(*all_of(connection, range_, dims)))


def _grown(
    connection: sqlite3.Connection, part: Part, range_: Range, alive: Flags | None, dims: int
) -> Part:
    """Add what is new to a part whose range goes on."""
    index = part.index
    assert index is not None  # noqa: S101 - for the type checker
    old = len(index.ids) if alive is None else int(alive.sum())
    if range_.chunks == old:
        return Part(range_, index, alive)
    new = Range(range_.language, part.range.last, range_.last, range_.chunks - old)
    ids, vectors = all_of(connection, new, dims)
    if alive is not None:
        alive = np.concatenate([alive, np.ones(len(ids), np.bool_)])
    return Part(range_, index.extended(ids, vectors), alive)


def _without(index: Index, alive: Flags | None, gone: Ids) -> Flags | None:
    """Take the removed ids out of the flags, of which nothing is changed in place."""
    if not len(gone) or not len(index.ids):
        return alive
    flags = np.ones(len(index.ids), np.bool_) if alive is None else alive.copy()
    places = np.searchsorted(index.ids, gone)
    places[places == len(index.ids)] = 0
    flags[places[index.ids[places] == gone]] = False
    return flags
