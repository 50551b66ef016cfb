"""Several libraries searched as if they were one: a state of each, their ids told apart."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import zip_longest

from bifolio.ingest import Chunk
from bifolio.retrieval.arrays import Floats
from bifolio.retrieval.store.searchable import Searchable, Span
from bifolio.retrieval.words import LANGUAGES, Language

_Ranked = list[tuple[int, float]]


class Joined:
    """Gives what one library with all of their chunks would give; of one, what it gives itself.

    ``views`` are states of libraries made with the same embedder, by name. A span tells the name
    of its library. An id is that of the chunk, times the number of libraries, plus its library's
    place, so that it is the chunk's own where there is only one.
    """

    def __init__(self, views: Mapping[str, Searchable]) -> None:
        self._names, self._views = tuple(views), tuple(views.values())

    def languages(self) -> dict[Language, int]:
        """Count the chunks of each language."""
        counted = [view.languages() for view in self._views]
        return {name: sum(counts[name] for counts in counted) for name in LANGUAGES}

    def dense(self, vector: Floats, count: int, *, language: Language | None = None) -> _Ranked:
        """Give the best of all: a product says the same in each library."""
        found = self._each(lambda view: view.dense(vector, count, language=language))
        every = [one for ranked in found for one in ranked]
        return sorted(every, key=lambda one: -one[1])[:count]

    def lexical(
        self, words: Sequence[str], count: int, *, language: Language | None = None
    ) -> _Ranked:
        """Give the first of each library, then the second of each.

        BM25 weighs a word by how rare it is in its own library: scores of two are not compared,
        but among those of one rank.
        """
        found = self._each(lambda view: view.lexical(words, count, language=language))
        turns: list[_Ranked] = [
            sorted((one for one in turn if one is not None), key=lambda one: -one[1])
            for turn in zip_longest(*found)
        ]
        return [one for turn in turns for one in turn][:count]

    def products(self, vector: Floats, ids: Sequence[int]) -> list[float]:
        """Give the inner product of each chunk's vector with the given one."""
        products: dict[int, float] = {}
        for place, own in self._parted(ids):
            found = self._views[place].products(vector, own)
            products |= {self._id(place, id_): one for id_, one in zip(own, found, strict=True)}
        return [products[id_] for id_ in ids]

    def spans(self, ids: Sequence[int]) -> dict[int, Span]:
        """Give the chunks with those ids without their documents."""
        spans: dict[int, Span] = {}
        for place, own in self._parted(ids):
            for id_, span in self._views[place].spans(own).items():
                known = self._id(place, id_)
                spans[known] = replace(span, id=known, library=self._names[place])
        return spans

    def chunks(self, ids: Sequence[int]) -> dict[int, Chunk]:
        """Give the chunks with those ids; chunks of one document share it."""
        chunks: dict[int, Chunk] = {}
        for place, own in self._parted(ids):
            found = self._views[place].chunks(own)
            chunks |= {self._id(place, id_): chunk for id_, chunk in found.items()}
        return chunks

    def _each(self, ask: Callable[[Searchable], Iterable[tuple[int, float]]]) -> list[_Ranked]:
        return [
            [(self._id(place, id_), score) for id_, score in ask(view)]
            for place, view in enumerate(self._views)
        ]

    def _id(self, place: int, id_: int) -> int:
        return id_ * len(self._views) + place

    def _parted(self, ids: Sequence[int]) -> list[tuple[int, list[int]]]:
        """Give the ids that each library knows its chunks by, by its place; none of no chunk."""
        parts: dict[int, list[int]] = {}
        for joined in ids:
            id_, place = divmod(joined, len(self._views))
            parts.setdefault(place, []).append(id_)
        return list(parts.items())
