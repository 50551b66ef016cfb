"""JSON: records become rows of a table, all else lines of "path: value", in the file's order."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from bifolio.ingest.building import Building, one_line
from bifolio.ingest.decode import decode
from bifolio.ingest.message import Message, message
from bifolio.ingest.parsed import Parsed, Unreadable
from bifolio.ingest.reasons import too_deep

# The file's own keys in their order, also those that stand there twice.
Members = tuple[tuple[str, Any], ...]


def parse_json(data: bytes) -> Parsed:
    """Read a JSON file.

    Raises:
        Unreadable: it is no JSON, or nested too deeply.
    """
    text, notes = decode(data)
    try:
        value = load(text, message("the-file", "the file"))
    except Unreadable as problem:
        # As databases export: a record a line.
        value, broken = _of_lines(text)
        if broken or len(value) < 2:
            raise problem from None
    return _parsed(value, notes)


def parse_json_lines(data: bytes) -> Parsed:
    """Read a file that holds one JSON value a line; a broken line is left out and told.

    Raises:
        Unreadable: no line of it is JSON.
    """
    text, notes = decode(data)
    values, broken = _of_lines(text)
    if not values and broken:
        raise Unreadable(broken[0])
    parsed = _parsed(values, notes)
    parsed.notes.extend(
        message("line-left-out", "left out: {reason}", reason=reason) for reason in broken[:5]
    )
    if len(broken) > 5:
        sentence = "left out: {count} more lines that are not JSON"
        parsed.notes.append(message("lines-left-out", sentence, count=len(broken) - 5))
    return parsed


def _of_lines(text: str) -> tuple[list[Any], list[Message]]:
    """Give the values of the lines, and what is wrong with those that hold none."""
    values: list[Any] = []
    broken: list[Message] = []
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            values.append(load(line, message("line-number", "line {line}", line=number)))
        except Unreadable as problem:
            broken.append(problem.message)
    return values, broken


def load(text: str, what: Message) -> Any:
    """Give a JSON value: objects as their members, numbers as they are written.

    Raises:
        Unreadable: it is no JSON, or nested too deeply; ``what`` is what the sentence calls it.
    """
    try:
        return json.loads(
            text,
            object_pairs_hook=tuple,
            parse_int=str,
            parse_float=str,
            parse_constant=str,
        )
    except RecursionError as problem:
        raise Unreadable(too_deep(what)) from problem
    except ValueError as problem:
        sentence = "{what} is not JSON ({problem}); correct it there"
        raise Unreadable(
            message("not-json", sentence, what=what, problem=str(problem))
        ) from problem


def _parsed(value: Any, notes: Sequence[Message]) -> Parsed:
    building = Building()
    building.notes += notes
    _append(building, "", value)
    return building.parsed(title=_title(value), by_heading=False)


def _append(building: Building, path: str, value: Any) -> None:
    if rows := _records(value):
        if path:
            building.heading(1, path)
        building.table(rows, has_head=True)
    elif _is_object(value):
        for key, member in value:
            _append(building, f"{path}.{key}" if path else key, member)
    elif isinstance(value, list) and not all(_is_scalar(entry) for entry in value):
        for number, entry in enumerate(value):
            _append(building, f"{path}[{number}]", entry)
    elif text := _scalar(value):
        building.paragraph(f"{path}: {text}" if path else text)


def _records(value: Any) -> list[list[str]]:
    """Give the rows of a list of objects without lists of others, head first; none else."""
    if not isinstance(value, list) or len(value) < 2 or not all(map(_is_object, value)):
        return []
    records = [tuple(_members(entry)) for entry in value]
    keys = list(dict.fromkeys(key for record in records for key, _ in record))
    # Objects that share little would make a table full of holes.
    if len(keys) < 2 or sum(map(len, records)) * 2 < len(keys) * len(records):
        return []
    return [keys, *_cells(keys, records)] if all(map(_is_flat, records)) else []


def _members(record: Members, path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the members of an object and of those inside it, by the path to each."""
    for key, entry in record:
        name = f"{path}.{key}" if path else key
        if _is_object(entry) and entry:
            yield from _members(entry, name)
        else:
            yield name, entry


def _cells(keys: Sequence[str], records: Sequence[Members]) -> Iterator[list[str]]:
    for record in records:
        members: dict[str, str] = {}
        for key, entry in record:
            members[key] = f"{members[key]}, {_scalar(entry)}" if key in members else _scalar(entry)
        yield [members.get(key, "") for key in keys]


def _is_object(value: Any) -> bool:
    return isinstance(value, tuple)


def _is_flat(record: Members) -> bool:
    return all(
        _is_scalar(entry) or (isinstance(entry, list) and all(map(_is_scalar, entry)))
        for _, entry in record
    )


def _is_scalar(value: Any) -> bool:
    return not isinstance(value, tuple | list)


def _scalar(value: Any) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(text for entry in value if (text := _scalar(entry)))
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)


def _title(value: Any) -> str:
    members = dict(value) if _is_object(value) else {}
    title = members.get("title") or members.get("name")
    return one_line(title) if isinstance(title, str) else ""
