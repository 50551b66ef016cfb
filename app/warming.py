"""Models made ready before they are asked: what takes long, in a process of its own.

A model's first use on a machine converts it, which imports torch. Beside threads that draw pages
that import takes minutes: each file it looks for gives the interpreter away, and gets it back late.
"""

import logging
import os
import subprocess
import sys
import threading
from typing import Protocol

from bifolio.ingest import BifolioError
from bifolio.models import Models
from bifolio.retrieval import is_converted, runs_at
from bifolio.settings import Settings

_log = logging.getLogger(__name__)


class Ready(Protocol):
    """Tells when models are ready."""

    def wait(self, seconds: float) -> bool:
        """Wait until they are, so long at most; tell whether they are."""


class Warming:
    """Loads an embedder and a reranker in the background; any thread may wait for it.

    What goes wrong is left to the first question, which tells it.
    """

    def __init__(self, models: Models, settings: Settings) -> None:
        self._models, self._settings = models, settings
        self._over = threading.Event()
        threading.Thread(target=self._load, name="warming", daemon=True).start()

    def wait(self, seconds: float) -> bool:
        """Wait until the models are ready, so long at most; tell whether they are."""
        return self._over.wait(seconds)

    def _load(self) -> None:
        pair = (self._models.embedder, self._models.reranker)
        try:
            if not all(is_converted(model) for model in pair):
                environ = os.environ | self._settings.environment()
                # -P: the folder a user stands in must not supply modules.
                command = [sys.executable, "-P", "-m", "bifolio.warming"]
                subprocess.run(command, env=environ, stdout=subprocess.DEVNULL, check=False)  # noqa: S603 - our own
            for model in pair:
                runs_at(model)
        except BifolioError as problem:
            _log.info("the models are not ready: %s", problem)
        except Exception:
            _log.exception("the models could not be made ready")
        finally:
            self._over.set()


def main() -> None:
    """Convert the models that the environment chooses, and end."""
    models = Models.open(Settings.from_env(given={"llm": None}))
    for model in (models.embedder, models.reranker):
        if not is_converted(model):
            runs_at(model)


if __name__ == "__main__":
    try:
        main()
    except BifolioError as problem:
        sys.exit(str(problem))
