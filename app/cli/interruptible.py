"""What takes long runs beside the main thread, which so hears Ctrl-C at any time."""

import os
import sys
import threading
from collections.abc import Callable
from typing import TypeVar

_INTERRUPTED = 130
# How long the work may take to end in good order.
_PATIENCE = 1.5

Given = TypeVar("Given")


def interruptible(work: Callable[[threading.Event], Given]) -> Given:
    """Do the work, and give what it gives; Ctrl-C sets the event that the work is given.

    Work that does not end then, since a large model is at it, ends with the process: a library is
    whole at any moment.

    Raises:
        KeyboardInterrupt: it was interrupted, and has ended.
    """
    stop = threading.Event()
    given: list[Given] = []
    problems: list[BaseException] = []

    def _run() -> None:
        try:
            given.append(work(stop))
        except BaseException as problem:
            problems.append(problem)

    thread = threading.Thread(target=_run, daemon=True)
    thread.start()
    try:
        while thread.is_alive():
            thread.join(0.1)
    except KeyboardInterrupt:
        stop.set()
        thread.join(_PATIENCE)
        if thread.is_alive():
            print("bifolio: stopped; what was stored stays, run again to go on", file=sys.stderr)
            sys.stdout.flush()
            os._exit(_INTERRUPTED)
        raise
    if problems:
        raise problems[0]
    return given[0]
