"""What goes wrong while the page is drawn or something is pressed: a sentence, no traceback."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import ParamSpec

from bifolio import BifolioError, Message
from bifolio.jobs.answers import UNEXPECTED
from bifolio.ui.state import session

_log = logging.getLogger(__name__)
_P = ParamSpec("_P")


@contextmanager
def told_to(show: Callable[[Message], object]) -> Iterator[None]:
    """Have ``show`` tell what goes wrong inside; what never should is written to the log.

    Streamlit's own ends and reruns of the page are no errors, and pass.
    """
    try:
        yield
    except BifolioError as problem:
        show(problem.message)
    except Exception:
        _log.exception("the page could not be drawn")
        show(UNEXPECTED)


def acting(act: Callable[_P, object], *given: _P.args, **named: _P.kwargs) -> Callable[[], None]:
    """Make what Streamlit calls when something is pressed; what goes wrong in it is told.

    It is called before the page is drawn. What is done while drawing may never be: a part above it
    may begin the drawing anew, as an upload that ends does, and the press is gone by then.
    """

    def _act() -> None:
        with told_to(session().problems.append):
            act(*given, **named)

    return _act
