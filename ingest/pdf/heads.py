"""The head of a table: whether the first row names the columns, and what names groups of these."""

from collections.abc import Sequence

from bifolio.ingest.parsed import is_label, is_period
from bifolio.ingest.pdf.pieces import Piece, Row, Stretch, cell_text, overlap


def has_head(cells: Sequence[Sequence[str]]) -> bool:
    """Tell whether the first row names the columns: words over numbers, or as many as any."""
    first, others = cells[0], cells[1:]
    if not all(first[1:]):
        return False
    if is_label(first[0]) or _has_digit(first[0]) or not _names_columns(cells):
        return False
    if len(first) == 2:
        # Names and their values, of which none heads the others.
        return 3 * sum(_has_digit(row[1]) for row in others) >= 2 * len(others)
    numbers = any(_has_digit(row[column]) for row in others for column in range(1, len(first)))
    return numbers or (len(first) > 2 and len(others) > 1)


def _names_columns(cells: Sequence[Sequence[str]]) -> bool:
    """Tell whether the first row holds words, or years above what is counted in them."""
    numbered = [column for column, cell in enumerate(cells[0]) if _has_digit(cell)]
    below = [row[column] for row in cells[1:] for column in numbered if _has_digit(row[column])]
    periods = sum(map(is_period, below))
    return all(is_period(cells[0][column]) for column in numbered) and (
        not numbered or (bool(below) and 2 * periods < len(below))
    )


def _has_digit(cell: str) -> bool:
    return any(map(str.isdigit, cell))


def without_groups(rows: list[Row], columns: list[Stretch]) -> list[Stretch]:
    """Give the columns without those that only the first row has: it names groups of others.

    "2023" and "2024", each set to the middle of its columns. None are given if there are no groups.
    """
    if len(rows) < 3 or not 1 < len(rows[0]) < len(rows[1]):
        return []
    own = [
        stretch
        for stretch in columns
        if all(overlap(piece, stretch) <= 0 for row in rows[1:] for piece in row)
    ]
    kept = [stretch for stretch in columns if stretch not in own]
    names = [piece.text for piece in rows[1]]
    grouped = len(rows[1]) == len(kept) and (
        len(kept) >= 2 * len(own) if own else _repeats(names, len(rows[0]))
    )
    return kept if grouped and any(map(str.isalpha, "".join(names))) else []


def below_heads(rows: list[Row], columns: list[Stretch]) -> list[Stretch]:
    """Join a column that only the head fills with the one beside it that only other rows fill.

    A name is often set to the middle of its column, and narrow values to a side.
    """
    filled = [
        {at for at, row in enumerate(rows) if any(overlap(one, stretch) > 0 for one in row)}
        for stretch in columns
    ]
    pairs = sorted(range(len(columns) - 1), key=lambda at: columns[at + 1][0] - columns[at][1])
    joined: dict[int, Stretch] = {}
    for at in pairs:
        # What ended the table may be all that a column at its side held.
        head, below = sorted(filled[at : at + 2], key=lambda places: min(places, default=len(rows)))
        if head == {0} and 0 not in below and not joined.keys() & {at, at + 1}:
            joined[at] = joined[at + 1] = (columns[at][0], columns[at + 1][1])
    return sorted({joined.get(at, stretch) for at, stretch in enumerate(columns)})


def named_head(
    names: list[list[Piece]], groups: Row, columns: Sequence[Stretch]
) -> list[list[Piece]]:
    """Put the name of its group before that of each column; the first column has none."""
    head = [list(cell) for cell in names]
    first = [piece for piece in groups if overlap(piece, columns[0]) > 0]
    head[0][:0] = first
    others = [piece for piece in groups if piece not in first]
    times = len(others)
    width = (len(head) - 1) // times if _repeats([*map(cell_text, head)], times) else 0
    taken = []
    for at, cell in enumerate(head[1:]):
        near = min(others, key=lambda group: _apart(group, columns[at + 1]))
        taken.append(others[at // width] if width else near)
        cell.insert(0, taken[-1])
    for group in others:
        if group not in taken:
            # It is the nearest of no column; what is written stays.
            at = min(range(1, len(columns)), key=lambda column: _apart(group, columns[column]))
            head[at].insert(0, group)
    return head


def _apart(piece: Piece, column: Stretch) -> float:
    """Give how far a piece's middle is from a column's, doubled."""
    return abs(piece.left + piece.right - sum(column))


def _repeats(texts: Sequence[str], times: int) -> bool:
    """Tell whether the columns behind the first have the same names in each of so many groups."""
    names = list(texts[1:])
    width, rest = divmod(len(names), times)
    return not rest and width > 1 and names == times * names[:width]


def titled_sides(rows: Sequence[Sequence[list[Piece]]]) -> list[int]:
    """Give the first columns of tables that stand level side by side, each below a title; or none.

    Each has two columns at least and names its rows itself, which values under the name of a group
    of columns do not.
    """
    starts = [column for column, cell in enumerate(rows[0]) if cell]
    ends = [*starts[1:], len(rows[0])]
    apart = all(end - start > 1 for start, end in zip(starts, ends, strict=True))
    if len(starts) < 2 or starts[0] or not apart or len(rows) < 4 or not all(rows[1]):
        return []
    names = [[cell_text(row[start]) for row in rows[1:] if row[start]] for start in starts]
    named = all(
        sum(any(map(str.isalpha, name)) and not _has_digit(name) for name in column)
        > 0.7 * len(column)
        for column in names
    )
    return starts if named and len(set(names[0])) > len(names[0]) / 2 else []
