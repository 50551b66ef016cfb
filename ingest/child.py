"""The work of the child that parses one file, see ``fork_server``."""

import hashlib
import json
import os
import stat
from collections.abc import Callable
from dataclasses import asdict, replace
from importlib import import_module
from pathlib import PurePath

from bifolio.ingest.causes import cause
from bifolio.ingest.formats import Format
from bifolio.ingest.message import Message, message
from bifolio.ingest.parsed import Parsed, Unreadable
from bifolio.ingest.reasons import NOT_A_FILE, not_readable, too_deep
from bifolio.ingest.recognise import recognise

MAX_BYTES = 500 * 1024 * 1024
# How often a file is read that somebody writes to meanwhile.
_TRIES = 2


def main(path: str, again: str = "") -> str:
    """Parse a file; ``again`` takes the second library for the kinds that have one.

    Gives one line with a JSON object: the parsed file, or ``{"error": message}``.
    """
    try:
        data = _read_bytes(path)
        entry, note = recognise(data, PurePath(path).suffix)
        parsed = _parse(entry, data, again=bool(again))
        if not (parsed.text.strip() or parsed.is_form):
            raise Unreadable(parsed.why_empty)
        notes = [note, *parsed.notes] if note else parsed.notes
        reply = replace(parsed, notes=notes).to_json() | {
            "sha256": hashlib.sha256(data).hexdigest(),
            "parser": entry.parser_version,
        }
    except Unreadable as problem:
        reply = {"error": asdict(problem.message)}
    except OSError as problem:
        reply = {"error": asdict(_not_opened(problem))}
    return json.dumps(reply)


def _parse(entry: Format, data: bytes, *, again: bool = False) -> Parsed:
    """Let the reader of the format have the bytes; whatever stops it becomes a message."""
    module, function = (entry.again if again and entry.again else entry.parser).split(":")
    parse: Callable[[bytes], Parsed] = getattr(import_module(module), function)
    try:
        return parse(data)
    except (Unreadable, MemoryError):
        raise
    except RecursionError as problem:
        what = message("the-kind", "the {kind}", kind=entry.kind)
        raise Unreadable(too_deep(what)) from problem
    # A damaged file makes libraries raise errors of any kind.
    except Exception as problem:
        raise Unreadable(not_readable(entry.kind, problem)) from problem


def _not_opened(problem: OSError) -> Message:
    sentence = "{problem}; check the file and its permissions"
    return message("not-opened", sentence, problem=cause(problem))


def _read_bytes(path: str) -> bytes:
    """Read a file as it was at one time: half of an old and half of a new one is neither."""
    for _ in range(_TRIES):
        # Non-blocking, so that a FIFO put in the file's place cannot hold us.
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb") as file:
            before = os.fstat(file.fileno())
            _check(before)
            data = file.read(before.st_size)
            after = os.fstat(file.fileno())
        if (before.st_mtime_ns, before.st_size) == (after.st_mtime_ns, len(data)):
            return data
    sentence = "it changed while it was read; add it again when nobody writes to it"
    raise Unreadable(message("changing", sentence))


def _check(status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise Unreadable(NOT_A_FILE)
    if status.st_size > MAX_BYTES:
        size, limit = status.st_size / 1e6, MAX_BYTES / 1e6
        sentence = "{size:.0f} MB is over the limit of {limit:.0f} MB; split the file"
        raise Unreadable(message("too-large", sentence, size=size, limit=limit))
    if status.st_size == 0:
        raise Unreadable(message("empty-file", "the file is empty"))
