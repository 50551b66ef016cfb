"""The words of a range of chunks are read from the table and put into lists, batch by batch."""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bifolio.retrieval.store.postings import Places, Postings, Times, starts_of
from bifolio.retrieval.store.segments import Range
from bifolio.retrieval.store.spelling import spelled

# Chunks whose words are in memory at once as strings.
_BATCH = 8192
# So often a word is counted in one chunk at most.
_MOST = 255


@dataclass(frozen=True, slots=True, eq=False)
class _Batch:
    """Where terms stand in some chunks, by term and place: arrays of one length."""

    terms: NDArray[np.int32]
    places: Places
    times: Times

    @property
    def firsts(self) -> NDArray[np.int64]:
        """Give where each of its terms begins."""
        return np.flatnonzero(np.diff(self.terms, prepend=-1))


class _Terms:
    """The terms in the order in which they came, and the number of the term of each word."""

    def __init__(self) -> None:
        self.spellings: list[str] = []
        self._sizes: list[int] = []
        self._number_of: dict[str, int] = {}
        self._of_word: dict[str, int] = {}

    def numbers(self, words: Sequence[Sequence[str]]) -> NDArray[np.int32]:
        """Give the numbers of the terms of all words of the texts, one behind the other."""
        new = list(set().union(*words).difference(self._of_word))
        for word, terms in zip(new, spelled(new), strict=True):
            # FTS5 splits next to none of our words: what it splits counts as one, as it was meant.
            spelling = " ".join(terms)
            number = self._number_of.setdefault(spelling, len(self.spellings))
            self._of_word[word] = number
            if number == len(self.spellings):
                self.spellings.append(spelling)
                self._sizes.append(len(terms))
        every = map(self._of_word.__getitem__, chain.from_iterable(words))
        return np.fromiter(every, np.int32, sum(map(len, words)))

    def sizes(self) -> NDArray[np.int32]:
        """Give how many words FTS5 counts for each term."""
        return np.array(self._sizes, np.int32)


def collected(connection: sqlite3.Connection, range_: Range) -> Postings:
    """Put the words of a range's chunks into lists, with some thousands of texts in memory."""
    return lists_of(_bodies(connection, range_))


def lists_of(batches_of_rows: Iterable[Sequence[tuple[int, str | None]]]) -> Postings:
    """Put words into lists: batches of (chunk id, what the table words holds), ids ascending."""
    terms, batches = _Terms(), list[_Batch]()
    ids, lengths = [np.empty(0, np.int64)], [np.empty(0, np.int32)]
    read = 0
    for rows in batches_of_rows:
        words = [(body or "").split() for _, body in rows]
        numbers = terms.numbers(words)
        places = np.repeat(np.arange(len(rows)), list(map(len, words)))
        weights = terms.sizes()[numbers] if len(numbers) else None
        lengths.append(np.bincount(places, weights, len(rows)).astype(np.int32))
        ids.append(np.array([id_ for id_, _ in rows], np.int64))
        both, times = np.unique(numbers.astype(np.int64) << 32 | places + read, return_counts=True)
        few = np.minimum(times, _MOST).astype(np.uint8)
        batches.append(_Batch((both >> 32).astype(np.int32), both.astype(np.uint32), few))
        read += len(rows)
    return _joined(np.concatenate(ids), np.concatenate(lengths), terms.spellings, batches)


def _bodies(
    connection: sqlite3.Connection, range_: Range
) -> Iterator[list[tuple[int, str | None]]]:
    rows = connection.execute(
        "SELECT chunks.id, body FROM chunks INDEXED BY chunks_of_language"
        " LEFT JOIN words ON words.rowid = chunks.id"
        " WHERE language = ? AND chunks.id > ? AND chunks.id <= ? ORDER BY chunks.id",
        (range_.language, range_.after, range_.last),
    )
    while batch := rows.fetchmany(_BATCH):
        yield batch


def _joined(
    ids: NDArray[np.int64],
    lengths: NDArray[np.int32],
    spellings: Sequence[str],
    batches: Sequence[_Batch],
) -> Postings:
    letters = [spelling.encode() for spelling in spellings]
    order = sorted(range(len(letters)), key=letters.__getitem__)
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    counts, most = np.zeros(len(order), np.int32), np.zeros(len(order), np.uint8)
    for one in batches:
        own = rank[one.terms[one.firsts]]
        counts[own] += np.diff(one.firsts, append=len(one.terms)).astype(np.int32)
        most[own] = np.maximum(most[own], np.maximum.reduceat(one.times, one.firsts))
    places, times = _listed(batches, rank, counts, len(ids))
    spelt = [letters[number] for number in order]
    ends = np.cumsum(list(map(len, spelt)), dtype=np.int64)
    together = np.frombuffer(b"".join(spelt), np.uint8)
    return Postings(ids, lengths, together, ends, counts, most, places, times)


def _listed(
    batches: Sequence[_Batch], rank: NDArray[np.int64], counts: NDArray[np.int32], chunks: int
) -> tuple[Any, Any]:
    """Put the lists of the batches, whose places ascend, one behind the other."""
    place_starts, time_starts = starts_of(counts, chunks)
    places, times = np.zeros(place_starts[-1], np.uint32), np.zeros(time_starts[-1], np.uint8)
    filled = np.diff(place_starts) < counts
    done = np.zeros(len(counts), np.int64)
    for one in batches:
        firsts = one.firsts
        sizes = np.diff(firsts, append=len(one.terms))
        own = rank[one.terms]
        # Which entry of its list each one is.
        entry = done[own] + np.arange(len(own)) - np.repeat(firsts, sizes)
        done[own[firsts]] += sizes
        whole = filled[own]
        times[time_starts[own] + np.where(whole, one.places, entry)] = one.times
        rest = ~whole
        places[place_starts[own[rest]] + entry[rest]] = one.places[rest]
    return places, times
