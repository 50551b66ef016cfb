"""The words of a library in lists, in step with the database: from files, and what is new beside.

Held are pieces, each of the chunks of a language in a range of ids. Chunk ids are never used twice,
so that a piece stays right when its chunks are saved in other files: of what changed only the new
chunks are read, and which are gone.
"""

import logging
import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from math import log
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bifolio.retrieval.arrays import Flags, Floats, Ids
from bifolio.retrieval.store.collecting import collected
from bifolio.retrieval.store.layout import Layout
from bifolio.retrieval.store.postings import DamagedPostings, Listed, Postings, file_of
from bifolio.retrieval.store.ranking import Weighed, best, norms_of
from bifolio.retrieval.store.segments import (
    Range,
    Segment,
    between,
    highest_id,
    ranges_of,
    read_segments,
    removed_since,
    state,
    tally,
)
from bifolio.retrieval.store.spelling import spelled
from bifolio.retrieval.words import LANGUAGES, Language, is_chinese

_log = logging.getLogger(__name__)
# A word in more than half of all chunks counts as little, by FTS5.
_LEAST = 1e-6
# What is held of a language is read anew when it is of more pieces than so many, or when one chunk
# of so many is gone.
_PIECES, _GONE = 16, 4
_ANY = (1 << 63) - 1
# A piece is joined with the next one unless it holds so many times as much.
_SHARE = 2


@dataclass(frozen=True, eq=False)
class Piece:
    """The words of the chunks of one range; ``alive`` flags those still there, None if all are."""

    range: Range
    postings: Postings
    alive: Flags | None = None

    @property
    def chunks(self) -> int:
        """How many may be found."""
        return len(self.postings.ids) - len(self.gone)

    @property
    def ids(self) -> Ids:
        """The ids of those."""
        return self.postings.ids if self.alive is None else self.postings.ids[self.alive]

    @cached_property
    def gone(self) -> NDArray[np.intp]:
        """The places of those that may not."""
        return np.flatnonzero(~self.alive) if self.alive is not None else np.empty(0, np.intp)

    @cached_property
    def length(self) -> int:
        """How many words those hold that may be found."""
        return int(self.postings.lengths.sum()) - int(self.postings.lengths[self.gone].sum())

    def without(self, ids: Ids) -> "Piece":
        """Give the piece without chunks that were removed."""
        own = self.postings.ids
        places = np.searchsorted(own, ids)
        held = places < len(own)
        held[held] = own[places[held]] == ids[held]
        if not held.any():
            return self
        alive = np.ones(len(own), np.bool_) if self.alive is None else self.alive.copy()
        alive[places[held]] = False
        return Piece(self.range, self.postings, alive)

    def having(self, listed: Listed) -> int:
        """Count the chunks that have a term and may be found."""
        if self.alive is None:
            return listed.count
        if listed.places is None:
            return listed.count - int(np.count_nonzero(listed.times[self.gone]))
        return int(np.count_nonzero(self.alive[listed.places]))


@dataclass(frozen=True, eq=False)
class Inverted:
    """The words of one state of a library; ``fits`` tells whether the pieces are its chunks."""

    library: str
    generation: int
    pieces: tuple[Piece, ...]
    fits: bool = True

    @cached_property
    def chunks(self) -> int:
        """How many there are."""
        return sum(piece.chunks for piece in self.pieces)

    @cached_property
    def average(self) -> float:
        """How many words a chunk has."""
        return sum(piece.length for piece in self.pieces) / max(1, self.chunks)

    @cached_property
    def norms(self) -> tuple[Floats, ...]:
        """How much the length of each chunk counts against it, for each piece."""
        return tuple(norms_of(one.postings.lengths, self.average) for one in self.pieces)

    @cached_property
    def _least(self) -> tuple[float, ...]:
        return tuple(float(one.min(initial=0)) for one in self.norms)

    def weighed(self, asked: Sequence[str]) -> list[list[Weighed]]:
        """Weigh the words that are asked for, in each piece, by how many chunks have them."""
        found: list[list[Weighed]] = [[] for _ in self.pieces]
        words = list(dict.fromkeys(asked))
        for word, terms in zip(words, spelled(words), strict=True):
            # A single Chinese character stands for the pairs that begin with it.
            begins, term = len(word) == 1 and is_chinese(word), " ".join(terms).encode()
            lists = [term and one.postings.listed(term, begins=begins) for one in self.pieces]
            held = [(at, one) for at, one in enumerate(lists) if one]
            having = sum(self.pieces[at].having(one) for at, one in held)
            rarity = max(log((self.chunks - having + 0.5) / (having + 0.5)), _LEAST)
            for at, one in held:
                found[at].append(Weighed.of(one, rarity, self._least[at]))
        return found

    def ranked(
        self, weighed: Sequence[Sequence[Weighed]], count: int, language: Language | None
    ) -> list[tuple[int, float]]:
        """Give at most ``count`` (chunk id, BM25) of a language or all; higher is better."""
        found: list[tuple[int, float]] = []
        for piece, norms, own in zip(self.pieces, self.norms, weighed, strict=True):
            if language in (None, piece.range.language) and own:
                places, scores = best(own, norms, piece.alive, count)
                found += zip(piece.postings.ids[places].tolist(), scores.tolist(), strict=True)
        return sorted(found, key=lambda entry: (-entry[1], entry[0]))[:count]


def inverted_in_step(
    connection: sqlite3.Connection, folder: Path, known: Inverted | None, layout: Layout
) -> Inverted | None:
    """Give the words of the database as this connection sees it, by what is known of it.

    None while so much of it stands in no file that reading it takes too long for a question.
    """
    library, generation = state(connection)
    if known is not None and (known.library != library or known.generation > generation):
        known = None  # Another library was put into the folder, or an older state of this one.
    if known is not None and known.generation == generation:
        return known
    gathering = _Gathering(connection, folder, layout)
    found = {one: gathering.grown(known, one) for one in LANGUAGES} if known else {}
    missing = [one for one in LANGUAGES if found.get(one) is None]
    # Before anything is read; then all of it is, so that all that is damaged is noticed.
    if not all(map(gathering.is_there, missing)):
        return None
    found |= {one: gathering.loaded(one) for one in missing}
    pieces = list[Piece]()
    for own in found.values():
        if own is None:
            return None
        pieces += own
    fits = sum(piece.chunks for piece in pieces) == sum(tally(connection).values())
    if not fits:
        _log.warning("the words of %s do not fit the database; repair it", folder)
    return Inverted(library, generation, tuple(pieces), fits)


def words_due(connection: sqlite3.Connection, folder: Path, layout: Layout) -> list[Segment]:
    """Give the segments whose words no file holds, but should."""
    if sum(tally(connection).values()) <= layout.whole:
        return []
    return [one for one in read_segments(connection) if not file_of(folder, one).exists()]


@dataclass(frozen=True, slots=True)
class _Gathering:
    """Gathers the pieces of a language, as far as possible from what is held or saved."""

    connection: sqlite3.Connection
    folder: Path
    layout: Layout

    def grown(self, known: Inverted, language: Language) -> list[Piece] | None:
        """Give what is held without what is gone, and with what is new; None if that is much."""
        if not known.fits:
            return None
        # The highest ids may be gone too.
        removed = removed_since(self.connection, Range(language, 0, _ANY, 0), known.generation)
        held = [one.without(removed) for one in known.pieces if one.range.language == language]
        held = [one for one in held if one.chunks]
        after, last = held[-1].range.last if held else 0, highest_id(self.connection)
        new = between(self.connection, language, after, last)
        chunks = sum(one.chunks for one in held) + sum(one.chunks for one in new)
        lost = sum(len(one.gone) for one in held)
        worn = lost * _GONE > sum(len(one.postings.ids) for one in held)
        # Not as many when it is held so long that what was removed meanwhile is forgotten.
        fits = chunks == tally(self.connection).get(language, 0)
        if not fits or not self._is_little(new) or worn or len(held) > _PIECES:
            return None
        for range_ in new:
            held.append(self._read(range_))
            while len(held) > 1 and (joined := self._join(*held[-2:])):
                held[-2:] = [joined]
        return held

    def _join(self, older: Piece, newer: Piece) -> Piece | None:
        together = older.chunks + newer.chunks
        if older.chunks >= _SHARE * newer.chunks or together > self.layout.small:
            return None
        own = older.range
        return self._read(Range(own.language, own.after, newer.range.last, together))

    def is_there(self, language: Language) -> bool:
        """Tell whether files hold all but little."""
        return self._is_little(
            one
            for one in self._ranges(language)
            if one.segment is None or not file_of(self.folder, one.segment).exists()
        )

    def loaded(self, language: Language) -> list[Piece] | None:
        """Give what files hold, and read the rest if that is little."""
        ranges = self._ranges(language)
        pieces = [self._load(one) for one in ranges]
        both = list(zip(ranges, pieces, strict=True))
        if not self._is_little(range_ for range_, piece in both if piece is None):
            return None
        return [piece or self._read(range_) for range_, piece in both]

    def _is_little(self, ranges: Iterable[Range]) -> bool:
        return sum(one.chunks for one in ranges) <= self.layout.small

    def _ranges(self, language: Language) -> list[Range]:
        return ranges_of(self.connection, language, read_segments(self.connection))

    def _load(self, range_: Range) -> Piece | None:
        segment = range_.segment
        if segment is None:
            return None
        try:
            postings = Postings.load(self.folder, segment)
        except FileNotFoundError:
            return None
        except DamagedPostings as problem:
            _log.warning("%s; it is written again from the database", problem)
            # Whoever builds what is missing will find it missing; nothing is lost if it stays.
            with suppress(OSError):
                file_of(self.folder, segment).unlink()
            return None
        return Piece(range_, postings).without(
            removed_since(self.connection, range_, segment.generation)
        )

    def _read(self, range_: Range) -> Piece:
        return Piece(range_, collected(self.connection, range_))
