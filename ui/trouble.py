"""What goes wrong while the page is drawn or something is pressed: a sentence, no traceback."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from bifolio import BifolioError, Message
from bifolio.jobs.answers import UNEXPECTED

_log = logging.getLogger(__name__)


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
