"""Index files are written: small ones by every writer, large ones beside the answers."""

import sqlite3
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bifolio.retrieval.store.compressed import compressed_index
from bifolio.retrieval.store.connection import transaction
from bifolio.retrieval.store.index import Index
from bifolio.retrieval.store.layout import Layout, is_compressed, light, planned
from bifolio.retrieval.store.segments import (
    Range,
    Segment,
    forget_gone,
    ranges_of,
    read_segments,
    replace_segments,
    state,
    sweep,
    tally,
)
from bifolio.retrieval.store.vectors import all_of
from bifolio.retrieval.words import LANGUAGES


@dataclass(frozen=True, slots=True)
class Built:
    """The index of a range as it was at a generation, of which nothing is written yet."""

    range: Range
    library: str
    generation: int
    index: Index


def save_index(
    connection: sqlite3.Connection,
    folder: Path,
    dims: int,
    layout: Layout,
    *,
    whole: bool = False,
    damaged: Collection[str] = (),
) -> Mapping[str, Index]:
    """Save what no file holds yet; for the one writer. Gives the indexes by their new files.

    Not ``whole`` leaves to others what takes long. No file that is there is read; those that are
    known to be ``damaged`` are written again.
    """
    segments = _usable(read_segments(connection), folder, damaged)
    plans = _plans(connection, segments, layout, whole=whole)
    kept = [range_.segment for range_ in plans if range_.segment]
    compressed = _compressed(connection, segments, layout)
    built = [
        Built(range_, *state(connection), _index(connection, range_, dims, small=small))
        for range_ in plans
        if range_.segment is None
        and ((small := light(range_, layout, compressed=compressed)) or whole)
    ]
    return _write(connection, folder, kept, built)


def large_indexes(
    connection: sqlite3.Connection, folder: Path, dims: int, layout: Layout
) -> list[Built]:
    """Build what takes long, as one committed state is; nothing is written, no writer waits."""
    return [
        Built(range_, *state(connection), compressed_index(connection, range_, dims))
        for range_ in large_ranges(connection, folder, layout)
    ]


def large_ranges(connection: sqlite3.Connection, folder: Path, layout: Layout) -> list[Range]:
    """Give the ranges whose index takes long to build and is due."""
    segments = _usable(read_segments(connection), folder, ())
    compressed = _compressed(connection, segments, layout)
    return [
        range_
        for range_ in _plans(connection, segments, layout, whole=True)
        if range_.segment is None and not light(range_, layout, compressed=compressed)
    ]


def save_large(
    connection: sqlite3.Connection, folder: Path, built: Sequence[Built]
) -> Mapping[str, Index]:
    """Save what was built beside other writers, as far as it fits what they have saved since."""
    segments = _usable(read_segments(connection), folder, ())
    library, _ = state(connection)
    fitting = [
        one
        for one in built
        if one.library == library and all(_fits(one, segment) for segment in segments)
    ]
    kept = [one for one in segments if not any(_covers(other, one) for other in fitting)]
    return _write(connection, folder, kept, fitting)


def _usable(segments: Sequence[Segment], folder: Path, damaged: Collection[str]) -> list[Segment]:
    """Give those whose file is there, as long as it was; readers look closer."""
    return [
        segment
        for segment in segments
        if segment.saved.file not in damaged and _size(folder, segment) == segment.saved.size
    ]


def _size(folder: Path, segment: Segment) -> int | None:
    try:
        # Of the name that the database gives never more than a name is taken.
        return (folder / Path(segment.saved.file).name).stat().st_size
    except (OSError, ValueError):
        return None


def _compressed(
    connection: sqlite3.Connection, segments: Sequence[Segment], layout: Layout
) -> bool:
    return is_compressed(sum(tally(connection).values()), segments, layout)


def _plans(
    connection: sqlite3.Connection, segments: Sequence[Segment], layout: Layout, *, whole: bool
) -> list[Range]:
    compressed = _compressed(connection, segments, layout)
    plans = []
    for language in LANGUAGES:
        ranges = ranges_of(connection, language, segments)
        plans += planned(ranges, layout, compressed=compressed, whole=whole)
    return plans


def _index(connection: sqlite3.Connection, range_: Range, dims: int, *, small: bool) -> Index:
    if small:
        return Index.of(*all_of(connection, range_, dims))
    return compressed_index(connection, range_, dims)


def _fits(built: Built, segment: Segment) -> bool:
    """Tell whether a built index may stand beside a segment or in its place.

    Not in the place of a newer one: what was removed before that one may be forgotten.
    """
    if _covers(built, segment):
        return segment.generation <= built.generation
    own = built.range
    return (
        segment.language != own.language or segment.last <= own.after or segment.after >= own.last
    )


def _covers(built: Built, segment: Segment) -> bool:
    own = built.range
    return (
        segment.language == own.language and own.after <= segment.after and segment.last <= own.last
    )


def _write(
    connection: sqlite3.Connection, folder: Path, kept: Sequence[Segment], built: Sequence[Built]
) -> Mapping[str, Index]:
    before = {segment.saved.file for segment in read_segments(connection)}
    if not built and before == {segment.saved.file for segment in kept}:
        return {}
    saved = {}
    segments = list(kept)
    for one in built:
        own, index = one.range, one.index
        file = index.save(folder, one.generation)
        saved[file.file] = index
        place = (own.language, own.after, own.last)
        segments.append(Segment(file, *place, one.generation, len(index.ids), index.exact))
    segments.sort(key=lambda segment: (segment.language, segment.after))
    with transaction(connection):
        replace_segments(connection, segments)
        for language in LANGUAGES:
            forget_gone(connection, language, segments)
    sweep(connection, folder)
    return saved
