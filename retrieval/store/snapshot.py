"""The index of one generation of a library, kept in step with the database."""

import logging
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bifolio.retrieval.arrays import Floats
from bifolio.retrieval.store.index import DamagedIndex, Index
from bifolio.retrieval.store.layout import Layout, is_compressed, light
from bifolio.retrieval.store.parts import Known, Part, saved_part, unsaved_part
from bifolio.retrieval.store.segments import Range, Segment, ranges_of, read_segments, state, tally
from bifolio.retrieval.store.vectors import nearest, products, scanned
from bifolio.retrieval.words import LANGUAGES, Language

_log = logging.getLogger(__name__)
_NOTHING = Known(-1, (), {})


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The index of a library at one generation.

    ``files`` are those that were current then; ``damaged`` the ones of them that are not what was
    saved; ``built`` indexes that this process has saved since, by their file.
    """

    library: str
    generation: int
    parts: tuple[Part, ...] = ()
    files: frozenset[str] = frozenset()
    damaged: frozenset[str] = frozenset()
    built: Mapping[str, Index] = field(default_factory=dict)

    @property
    def is_saved(self) -> bool:
        """Whether files hold all of it."""
        return all(part.range.segment for part in self.parts)

    @property
    def is_held(self) -> bool:
        """Whether no question has to read all vectors of a part."""
        return all(part.index for part in self.parts)

    def search(
        self, connection: sqlite3.Connection, vector: Floats, count: int, language: Language | None
    ) -> list[tuple[int, float]]:
        """Give at most ``count`` (chunk id, inner product), best first, of one language or all."""
        found: list[tuple[int, float]] = []
        near: list[tuple[int, float]] = []
        spare = 0
        for part in self.parts:
            if language not in (None, part.range.language):
                continue
            if part.index is None:
                found += scanned(connection, part.range, vector, count)
            elif part.index.exact:
                found += part.index.search(vector, count, among=part.alive)
            else:
                spare = part.index.spare(count)
                near += part.index.search(vector, spare, among=part.alive)
        # Compressed vectors tell what is near, the stored ones how near.
        looked_at = [id_ for id_, _ in nearest(near, spare)]
        found += sorted(products(connection, vector, looked_at).items()) if near else []
        return nearest(found, count)

    def products(
        self, connection: sqlite3.Connection, vector: Floats, ids: Sequence[int]
    ) -> list[float]:
        """Give the inner product of each chunk's vector with the given one."""
        known: dict[int, float] = {}
        for part in self.parts:
            if part.index is not None and part.index.exact:
                known |= part.index.products(vector, ids)
        rest = [id_ for id_ in ids if id_ not in known]
        known |= products(connection, vector, rest) if rest else {}
        return [known[id_] for id_ in ids]


def bring_in_step(
    connection: sqlite3.Connection,
    folder: Path,
    known: Snapshot | None,
    dims: int,
    layout: Layout,
) -> Snapshot:
    """Give the index of the database as this connection sees it.

    What the ``known`` one holds is not read again: ids are never used twice, so what is new has
    higher ids, and what is gone stands in a table.
    """
    library, generation = state(connection)
    segments = read_segments(connection)
    files = frozenset(segment.saved.file for segment in segments)
    if known is not None and (known.library != library or known.generation > generation):
        known = None  # Another library was put into the folder, or an older state of this one.
    if known is not None and (known.generation, known.files) == (generation, files):
        return known
    held = Known(known.generation, known.parts, known.built) if known else _NOTHING
    damaged = set(known.damaged & files) if known else set()
    gathering = _Gathering(connection, folder, held, dims, layout, segments, damaged)
    parts = [part for language in LANGUAGES for part in gathering.parts(language)]
    return Snapshot(library, generation, tuple(parts), files, frozenset(damaged))


@dataclass(frozen=True, slots=True)
class _Gathering:
    """Gathers the parts of an index, as far as possible from what is held or saved."""

    connection: sqlite3.Connection
    folder: Path
    held: Known
    dims: int
    layout: Layout
    segments: Sequence[Segment]
    damaged: set[str]

    def parts(self, language: Language) -> list[Part]:
        """Give the parts of a language; files that are not what was saved are noted."""
        counts = tally(self.connection)
        compressed = is_compressed(sum(counts.values()), self.segments, self.layout)
        held = self.held
        while True:
            try:
                parts = self._try(held, language, compressed=compressed)
            except DamagedIndex:
                continue
            used = {part.range.segment.saved.file for part in parts if part.range.segment}
            if sum(part.chunks for part in parts) == counts.get(language, 0):
                return parts
            if held is not _NOTHING:
                # Held so long that what was removed meanwhile is forgotten.
                held = _NOTHING
            elif used:
                _log.warning("the index files of %s do not fit the database", self.folder)
                self.damaged.update(used)
            else:
                return parts

    def _try(self, held: Known, language: Language, *, compressed: bool) -> list[Part]:
        whole = [one for one in self.segments if one.saved.file not in self.damaged]
        parts = []
        for range_ in ranges_of(self.connection, language, whole):
            if range_.segment:
                parts.append(self._saved(held, range_, range_.segment))
            elif light(range_, self.layout, compressed=compressed):
                parts.append(unsaved_part(self.connection, held, range_, self.dims))
            else:
                parts.append(Part(range_, None))
        return parts

    def _saved(self, held: Known, range_: Range, segment: Segment) -> Part:
        try:
            return saved_part(self.connection, self.folder, held, range_, segment, self.dims)
        except DamagedIndex as problem:
            _log.warning("%s; the index is built again from the database", problem)
            self.damaged.add(segment.saved.file)
            raise
