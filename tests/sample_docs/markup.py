"""Read the small markup in which the sample documents are written.

A source file opens with ``key: value`` lines (title, subtitle, file, lang, page, footer) closed
by a line ``---``.  After it every line is one block, blank lines part nothing but the eye:

``# text`` / ``## text``   heading of the first or second level
``- text`` / ``1. text``   bullet or numbered item
``| a | b |``              table row; the second row, ``|---|--:|``, gives the alignment
``> text``                 caption of the table that follows
``! text``                 boxed notice
``===``                    page break
anything else              paragraph
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

_HEADING = re.compile(r"(#{1,2}) (.+)")
_ITEM = re.compile(r"(-|\d+\.) (.+)")
_REQUIRED = ("title", "subtitle", "file", "lang", "page", "footer")


@dataclass(frozen=True)
class Block:
    """One block of a document; ``rows`` is used by tables only."""

    kind: str
    text: str = ""
    level: int = 0
    marker: str = ""
    rows: tuple[tuple[str, ...], ...] = ()
    right: tuple[bool, ...] = ()


@dataclass
class Source:
    """A parsed source file: its head and its blocks."""

    head: dict[str, str] = field(default_factory=dict)
    blocks: list[Block] = field(default_factory=list)


def parse(path: Path) -> Source:
    """Parse one source file; a head that lacks a key is an error."""
    head_text, body = path.read_text(encoding="utf-8").split("\n---\n", 1)
    source = Source()
    for line in head_text.splitlines():
        key, value = line.split(":", 1)
        source.head[key.strip()] = value.strip()
    missing = [key for key in _REQUIRED if key not in source.head]
    if missing:
        raise ValueError(f"{path.name}: head lacks {', '.join(missing)}")
    table: list[str] = []
    # The closing empty line flushes a table that ends the file.
    for line in [*(raw.strip() for raw in body.splitlines()), ""]:
        if line.startswith("|"):
            table.append(line)
            continue
        if table:
            source.blocks.append(_table(table))
            table = []
        if line:
            source.blocks.append(_block(line))
    return source


def _block(line: str) -> Block:
    """Turn one line that is no table row into a block."""
    if line == "===":
        return Block("break")
    if match := _HEADING.fullmatch(line):
        return Block("heading", match[2], level=len(match[1]))
    if match := _ITEM.fullmatch(line):
        return Block("item", match[2], marker="•" if match[1] == "-" else match[1])
    if line.startswith("> "):
        return Block("caption", line[2:])
    if line.startswith("! "):
        return Block("notice", line[2:])
    return Block("paragraph", line)


def _table(lines: list[str]) -> Block:
    """Turn the collected rows of one table into a block."""
    cells = [tuple(cell.strip() for cell in line.strip("|").split("|")) for line in lines]
    header, marks, *rows = cells
    for row in rows:
        if len(row) != len(header):
            raise ValueError(f"table row has {len(row)} cells, header {len(header)}: {row}")
    return Block(
        "table",
        rows=(header, *rows),
        right=tuple(mark.endswith(":") for mark in marks),
    )
