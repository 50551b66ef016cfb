"""Writes OLE compound files, for which no library is at hand: old Excel, Outlook mail, locks."""

import struct
from collections.abc import Mapping
from dataclasses import dataclass, field

SECTOR, MINI, CUTOFF = 512, 64, 4096
FREE, END, FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
STORAGE, STREAM, ROOT = 1, 2, 5

Tree = Mapping[str, "bytes | Tree"]


@dataclass
class Entry:
    """One entry of the directory; ``first`` is the sector where its content begins."""

    name: str
    kind: int
    data: bytes = b""
    right: int = FREE
    child: int = FREE
    first: int = END
    size: int = field(default=0)


def compound_file(tree: Tree) -> bytes:
    """Give the bytes of a compound file with these streams and storages."""
    entries = [Entry("Root Entry", ROOT)]
    _add(entries, 0, tree)
    mini, mini_fat = b"", []
    for entry in entries:
        if entry.kind == STREAM and entry.data and len(entry.data) < CUTOFF:
            entry.first, entry.size = len(mini) // MINI, len(entry.data)
            mini += _padded(entry.data, MINI)
            mini_fat += _chain(len(mini_fat), -(-len(entry.data) // MINI))
    entries[0].data = mini
    body, fat = b"", []
    for entry in entries:
        if entry.data and (entry.kind == ROOT or len(entry.data) >= CUTOFF):
            entry.first, entry.size = len(fat), len(entry.data)
            body += _padded(entry.data, SECTOR)
            fat += _chain(len(fat), -(-len(entry.data) // SECTOR))
    tables = _padded(b"".join(struct.pack("<I", link) for link in mini_fat), SECTOR, b"\xff")
    mini_start = len(fat) if tables else END
    body += tables
    fat += _chain(len(fat), len(tables) // SECTOR)
    directory_start = len(fat)
    directory = _padded(b"".join(map(_packed, entries)), SECTOR)
    body += directory
    fat += _chain(len(fat), len(directory) // SECTOR)
    sectors = -(-(len(fat) + 1) // 127)
    fat_start = len(fat)
    fat += [FAT] * sectors
    body += _padded(b"".join(struct.pack("<I", link) for link in fat), SECTOR * sectors, b"\xff")
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    header += struct.pack("<HHHHH6xII", 0x3E, 3, 0xFFFE, 9, 6, 0, sectors)
    header += struct.pack("<IIIII", directory_start, 0, CUTOFF, mini_start, len(tables) // SECTOR)
    header += struct.pack("<II", END, 0)
    places = [fat_start + at for at in range(sectors)]
    return header + struct.pack("<109I", *places, *[FREE] * (109 - sectors)) + body


def _add(entries: list[Entry], parent: int, tree: Tree) -> None:
    previous = None
    for name in sorted(tree, key=lambda name: (len(name), name.upper())):
        content, at = tree[name], len(entries)
        if isinstance(content, bytes):
            entries.append(Entry(name, STREAM, content))
        else:
            entries.append(Entry(name, STORAGE))
            _add(entries, at, content)
        if previous is None:
            entries[parent].child = at
        else:
            entries[previous].right = at
        previous = at


def _packed(entry: Entry) -> bytes:
    name = entry.name.encode("utf-16-le") + b"\0\0"
    links = struct.pack("<BBIII", entry.kind, 1, FREE, entry.right, entry.child)
    place = struct.pack("<36xIQ", entry.first, entry.size)
    return name.ljust(64, b"\0") + struct.pack("<H", len(name)) + links + place


def _chain(start: int, count: int) -> list[int]:
    return [*range(start + 1, start + count), END] if count else []


def _padded(data: bytes, size: int, filler: bytes = b"\0") -> bytes:
    return data + filler * (-len(data) % size)
