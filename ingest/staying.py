"""The child that stays: it does one piece of work after the other, until one has swollen it."""

import json
import os
import resource
import select
import sys
from collections.abc import Callable
from importlib import import_module

# Seconds without work after which it goes.
_IDLE = 10.0
# Bytes by which its memory may have grown: what is free again may lie in pieces.
_GROWTH = 100_000_000
_UNIT = 1 if sys.platform == "darwin" else 1024


def serve(work: str) -> None:
    """Call ``work``, a "module:function", with each line's arguments, and write the line it gives.

    Lines that come are JSON, lists of strings. Whoever asks takes another child when this one has
    gone, so that the cap on memory is that of one piece of work.
    """
    module, function = work.split(":")
    call: Callable[..., str] = getattr(import_module(module), function)
    # What a library prints is no answer.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    most = _peak() + _GROWTH
    while select.select([0], [], [], _IDLE)[0] and (line := sys.stdin.buffer.readline()):
        answers.write(call(*json.loads(line)).encode() + b"\n")
        answers.flush()
        if _peak() > most:
            return


def _peak() -> int:
    """Give the most bytes that it held at once."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _UNIT
