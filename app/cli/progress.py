"""Bars on standard error, as long as that is a terminal: how far a command is."""

import sys
import time
from pathlib import PurePath
from types import TracebackType
from typing import Any, Self

from bifolio.cli.evaluation.as_text import duration
from bifolio.ingest_report import Progress

# The first question waits for the models, so the time is told after some more.
_TOLD_AFTER = 4


class _Bar:
    """A bar that comes with the first progress, and is gone when the block ends."""

    _bar: Any = None

    def _begin(self, total: float, **looks: Any) -> Any:
        if self._bar is None:
            from tqdm import tqdm

            # disable=None: no bar where nobody watches.
            self._bar = tqdm(total=total, **{"disable": None, **looks})
        return self._bar

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the bar."""
        if self._bar is not None:
            self._bar.close()


class Ingesting(_Bar):
    """Shows how far files are read and embedded."""

    def __init__(self, *, quiet: bool) -> None:
        self._quiet = quiet

    def show(self, progress: Progress) -> None:
        """Move the bar."""
        form = "{desc:<24.24} {bar} {percentage:3.0f}% [{elapsed}{postfix}]"
        bar = self._begin(progress.total, bar_format=form, disable=self._quiet or None)
        bar.set_description_str(PurePath(progress.path).name, refresh=False)
        bar.set_postfix_str(_rates(progress), refresh=False)
        bar.n = progress.done + progress.share
        bar.refresh()


def _rates(progress: Progress) -> str:
    seconds = max(progress.seconds, 0.1)
    left = "" if progress.left is None else f", {duration(progress.left)} left"
    return (
        f"{progress.done + 1}/{progress.total} files, {progress.pages / seconds:.1f} pages/s,"
        f" {progress.chunks / seconds:.1f} chunks/s{left}"
    )


class Measuring(_Bar):
    """Shows how far a measurement is, and says early how long it will take."""

    def __init__(self, things: str = "questions") -> None:
        self._things = things
        self._began = 0.0

    def show(self, done: int, total: int) -> None:
        """Move the bar; after some questions say when the last will be done."""
        bar = self._begin(total)
        if done == 1:
            self._began = time.monotonic()
        if done == _TOLD_AFTER < total:
            each = (time.monotonic() - self._began) / (done - 1)
            left = duration(each * (total - done))
            bar.write(f"bifolio: {total} {self._things}, about {left}", file=sys.stderr)
        bar.update(done - bar.n)
