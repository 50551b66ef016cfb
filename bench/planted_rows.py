"""Sentences made of a table's cells: true ones, and those with a cell of another row or column."""

import random
from collections.abc import Iterator, Sequence

from planted import Planted

from bifolio import Passage
from bifolio.answers.claims import Statement, check_claim
from bifolio.answers.rows import from_other_row
from bifolio.ingest import Chunk, Document, Table
from bifolio.models import Models
from bifolio.retrieval import is_chinese

Cells = list[str]
# Characters of a passage before its table, and behind it.
_AROUND = 200


def measured_rows(
    documents: Sequence[Document], models: Models | None, chance: random.Random
) -> dict[str, tuple[int, float]]:
    """Give for each kind and language how many there are and the share that is marked.

    With ``models`` as an answer's claims are, else by the guard for rows alone.
    """
    marked: dict[str, list[bool]] = {}
    for document in documents:
        for one, passage in _planted(document, chance):
            if models is None:
                is_marked = bool(from_other_row(one.text, [passage]))
            else:
                said = Statement(one.text, 0, len(one.text), (1,))
                is_marked = not check_claim(said, [passage], judge=models.judge).supported
            sort = "true" if one.true else "false"
            marked.setdefault(f"{sort}: {one.kind} {one.language}", []).append(is_marked)
    return {name: (len(all_), sum(all_) / len(all_)) for name, all_ in sorted(marked.items())}


def _planted(document: Document, chance: random.Random) -> Iterator[tuple[Planted, Passage]]:
    for table in document.tables:
        head, *rows = _cells(document, table)
        if not table.has_head or len(rows) < 2:
            continue
        around = max(0, table.start - _AROUND), min(len(document.text), table.end + _AROUND)
        passage = Passage((Chunk(document, *around),), 1.0)
        for row in rows:
            for column in range(1, min(len(head), len(row))):
                if any(map(str.isdigit, row[column])):
                    for one in _of_cell(head, rows, row, column, chance):
                        yield one, passage


def _of_cell(
    head: Cells, rows: list[Cells], row: Cells, column: int, chance: random.Random
) -> Iterator[Planted]:
    yield Planted(_sentence(row[0], head[column], row[column]), row[0], "cell", true=True)
    theirs = {other[column] for other in rows if len(other) > column} - set(row)
    beside = {one for one in row[1:] if any(map(str.isdigit, one))} - {row[column]}
    for kind, others in (("other row", theirs), ("other column", beside)):
        numbers = sorted(one for one in others if any(map(str.isdigit, one)))
        if numbers:
            text = _sentence(row[0], head[column], chance.choice(numbers))
            yield Planted(text, text, kind, true=False)


def _cells(document: Document, table: Table) -> list[Cells]:
    lines = [document.text[start:end].strip().strip("|") for start, end in table.rows]
    return [[cell.strip() for cell in line.split("|")] for line in lines]


def _sentence(name: str, column: str, cell: str) -> str:
    if is_chinese(f"{name}{column}"):
        return f"{name}的{column}为{cell}。"
    return f"For {name}, the {column} is {cell}."
