"""Tables whose rows alone are parted by drawn lines: the empty strips down all rows part cells."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import pairwise
from statistics import median
from typing import NamedTuple

from bifolio.ingest.pdf.joining import loose_words, pieces_of
from bifolio.ingest.pdf.rules import NEAR, Rule
from bifolio.ingest.pdf.words import Word

# In units of the type's size: narrower strips may be spaces between words, rows stand off less
# from their lines than headings, and what stands as close to the outermost line is a row too.
# Down so many lines a narrower one does not come about by chance.
_NARROW, _SURE = 0.3, 6
_STRIP, _LOOSE, _CLOSE = 0.6, 2.2, 1.8
# And so close to another line of that row.
_NEXT = 0.8
# With fewer rows between lines, these part no rows but the head from the others; so many of the
# lines go from side to side.
_FEWEST, _BANDS = 3, 2
# Words beside so many of the rows belong to them: the lines are drawn below figures alone.
_BESIDE = 0.5
_MOST_LINES = 4
# So much further a row stands from the last than lines of a cell from each other, which are so far
# apart if no cell has two; and, in points, a line that is drawn stands so far above a row.
_APART, _LEADING, _LINE = 0.08, 0.2, 0.5

Strip = tuple[float, float]  # left, right


class _Band(NamedTuple):
    """What stands between two lines, and the strips that it leaves free, those at the sides too."""

    top: float
    bottom: float
    words: list[Word]
    free: list[Strip]


def level_tables(
    across: Sequence[Rule], edges: Sequence[Rule], words: Sequence[Word]
) -> Iterator[tuple[list[Rule], list[Rule]]]:
    """Yield the lines across each table, and such lines down it as would part its cells.

    ``edges`` are those of filled areas, which part rows from side to side alone.
    """
    groups = [*_alike(across), *_alike(edges)]
    pieces = pieces_of([*words]) if groups else []
    placed = sorted((word for piece in pieces for word in loose_words(piece)), key=_middle)
    for lines in groups:
        for bands, whole in _tables(_bands(lines, placed)):
            strips = _inner(whole)
            size = median(word.size for word in bands[0].words)
            around = _Around(placed, strips, lines[0], size, _leading(bands, size))
            rows, last = around.above(bands[0].top), around.below(bands[-1].bottom)
            first, side = min(rows, default=bands[0].top), lines[0]
            inside = [
                one
                for one in (*across, *lines)
                if first <= one.place <= last
                and side.start - NEAR <= one.start
                and one.end <= side.end + NEAR
            ]
            inside += [side._replace(place=place) for place in rows]
            if len(inside) - 1 + (last > bands[-1].bottom) < _FEWEST:
                continue
            heads = [word for word in _between(placed, first, bands[0].top) if _is_in(word, side)]
            strips = [_left_of(strip, heads) for strip in strips]
            places = (side.start, *(left + 0.5 for left, _ in strips), side.end)
            yield inside, [Rule(place, first, last) for place in places]


def _alike(across: Sequence[Rule]) -> Iterator[list[Rule]]:
    """Yield lines that begin and end at the same places."""
    groups: list[list[Rule]] = []
    for rule in across:
        for group in groups:
            one = group[0]
            if abs(one.start - rule.start) <= NEAR and abs(one.end - rule.end) <= NEAR:
                group.append(rule)
                break
        else:
            groups.append([rule])
    yield from (group for group in groups if len(group) > _BANDS)


def _bands(lines: Sequence[Rule], placed: Sequence[Word]) -> Iterator[_Band | None]:
    """Yield what stands between each two lines, None where something beside them belongs to it."""
    left, right = lines[0].start - NEAR, lines[0].end + NEAR
    for one, two in pairwise(lines):
        near = _between(placed, one.place, two.place)
        held = [word for word in near if left <= word.left and word.right <= right]
        rest = {round(word.bottom) for word in near if word.right < left or word.left > right}
        beside = sum(bool(rest & _about(word.bottom)) for word in held)
        alone = held and beside <= _BESIDE * len(held)
        yield _Band(one.place, two.place, held, _free(held, left, right)) if alone else None


def _about(height: float) -> set[int]:
    return {round(height) + off for off in (-1, 0, 1)}


def _between(placed: Sequence[Word], top: float, bottom: float) -> Sequence[Word]:
    return placed[bisect_left(placed, top, key=_middle) : bisect_left(placed, bottom, key=_middle)]


def _middle(word: Word) -> float:
    return (word.top + word.bottom) / 2


def _free(words: Sequence[Word], left: float, right: float) -> list[Strip]:
    free: list[Strip] = []
    place = left
    for word in sorted(words, key=lambda word: word.left):
        if word.left - place >= _NARROW * word.size:
            free.append((place, word.left))
        place = max(place, word.right)
    return [*free, (place, right)] if right > place else free


def _tables(bands: Iterator[_Band | None]) -> Iterator[tuple[list[_Band], _Band]]:
    """Yield the bands that follow each other and share their strips, and all of them as one."""
    held: list[_Band] = []
    whole: _Band | None = None
    for band in [*bands, None]:
        both = _both(held, whole, band) if band and whole and _is_row(band) else None
        if band and both:
            held.append(band)
            whole = both
            continue
        if whole:
            strips = _inner(whole)
            # What stands alone at the end names what follows.
            while _columns(held[-1], strips) < 2 and len(held) > 1:
                held.pop()
            if len(held) >= _BANDS and sum(_columns(one, strips) > 1 for one in held) > 1:
                yield held, whole
        held, whole = ([band], band) if band and _is_row(band) and _inner(band) else ([], None)


def _both(held: Sequence[_Band], whole: _Band, band: _Band) -> _Band | None:
    """Put a further row to those above; None if it is none of theirs."""
    if [word.text for word in band.words] == [word.text for word in held[0].words]:
        # The head of another table.
        return None
    free = [
        (max(one[0], two[0]), min(one[1], two[1]))
        for one in whole.free
        for two in band.free
        if _share(one, two) > 0
    ]
    both = _Band(whole.top, band.bottom, [*whole.words, *band.words], free)
    before, now = len(_inner(whole)), _inner(both)
    if not now or (len(held) > 1 and len(now) < before):
        return None
    size = median(word.size for word in held[0].words)
    if any(word.size > 1.1 * size for word in band.words):
        return None
    height = max(word.bottom for word in band.words) - min(word.top for word in band.words)
    is_loose = band.bottom - band.top - height > _LOOSE * size
    return None if is_loose and _columns(band, now) < 2 else both


def _is_row(band: _Band) -> bool:
    """Tell whether all in a band is set in one size, and no line stands off from that above."""
    sizes = [word.size for word in band.words]
    lowest = min(word.bottom for word in band.words)
    for word in sorted(band.words, key=lambda word: word.top):
        if word.top - lowest > _NEXT * word.size:
            return False
        lowest = max(lowest, word.bottom)
    return max(sizes) <= 1.2 * min(sizes)


def _is_in(word: Word, side: Rule) -> bool:
    return side.start - NEAR <= word.left and word.right <= side.end + NEAR


def _left_of(strip: Strip, words: Sequence[Word]) -> Strip:
    """Give what a head leaves free of a strip, if it does."""
    inside = [word for word in words if word.right > strip[0] and word.left < strip[1]]
    return max(_free(inside, *strip), key=lambda one: one[1] - one[0], default=strip)


def _inner(band: _Band) -> list[Strip]:
    """Give the strips with words on both sides."""
    lines = len({round(word.bottom) for word in band.words})
    least = (_STRIP if lines < _SURE else _NARROW) * min(word.size for word in band.words)
    left, right = min(word.left for word in band.words), max(word.right for word in band.words)
    return [one for one in band.free if one[1] - one[0] >= least and left < one[0] < one[1] < right]


def _columns(band: _Band, strips: Sequence[Strip]) -> int:
    """Count the columns in which a band has words."""
    return len({bisect_left(strips, word.left, key=lambda one: one[0]) for word in band.words})


class _Around(NamedTuple):
    """The words around a table whose strips are known, by lines of them."""

    placed: Sequence[Word]
    strips: Sequence[Strip]
    side: Rule
    size: float
    leading: float

    def above(self, top: float) -> list[float]:
        """Give where rows begin that stand above the first line: the head, and one more."""
        starts: list[float] = []
        held = edge = top
        leading = self.leading
        for _ in range(_MOST_LINES):
            row = self._next(edge, -_CLOSE)
            if not row:
                break
            lowest, edge = max(word.bottom for word in row), min(word.top for word in row)
            if _runs(row) < max(2, len(self.strips)):
                # The further lines of a cell, which begins above.
                leading = min(leading, held - lowest) if held < top else leading
                held = edge
                continue
            if (
                held < (starts[-1] if starts else top)
                and held - lowest > leading + _APART * self.size
            ):
                starts.append(held - _LINE)
            starts.append(edge - _LINE)
            held = edge
            if len(starts) > 1:
                break
        return starts

    def below(self, bottom: float) -> float:
        """Give where the row ends that stands below the last line, or where that is drawn."""
        edge = bottom
        for number in range(_MOST_LINES):
            row = self._next(edge, _NEXT if number else _CLOSE)
            if not row or (not number and _runs(row) < 2):
                break
            edge = max(word.bottom for word in row)
        return edge

    def _next(self, edge: float, reach: float) -> list[Word]:
        """Give the next line above or below, if its words stand in the columns."""
        far = edge + reach * self.size
        near = _between(self.placed, min(edge, far), max(edge, far))
        left, right = self.side.start - NEAR, self.side.end
        row = _nearest([one for one in near if left <= one.left <= right], below=reach > 0)
        free = _free(row, left, right + NEAR)
        fits = all(any(_share(one, two) > 0 for two in free) for one in self.strips)
        return row if fits and all(word.size <= 1.1 * self.size for word in row) else []


def _leading(bands: Sequence[_Band], size: float) -> float:
    """Give how far the lines of one cell are apart."""
    gaps: list[float] = []
    for band in bands:
        lowest = min(word.bottom for word in band.words)
        for word in sorted(band.words, key=lambda word: word.top):
            if word.top > lowest - 0.5 * word.size:
                gaps.append(max(word.top - lowest, 0.0))
            lowest = max(lowest, word.bottom)
    return min(gaps, default=_LEADING * size)


def _runs(row: Sequence[Word]) -> int:
    """Count the stretches of a line that wide gaps part: a caption is one, names are several."""
    words = sorted(row, key=lambda word: word.left)
    wide = sum(two.left - one.right >= _STRIP * one.size for one, two in pairwise(words))
    return wide + 1


def _share(one: Strip, two: Strip) -> float:
    return min(one[1], two[1]) - max(one[0], two[0])


def _nearest(words: Sequence[Word], *, below: bool) -> list[Word]:
    """Give the first or the last line of words."""
    if not words:
        return []
    one = (min if below else max)(words, key=_middle)
    return [word for word in words if abs(_middle(word) - _middle(one)) < 0.5 * one.size]
