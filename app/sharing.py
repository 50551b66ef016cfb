"""Models that several libraries have in common: opened once for all who choose the same."""

import threading
from dataclasses import replace

from bifolio.models import Models, open_language_model
from bifolio.retrieval import ANYWHERE, Run
from bifolio.settings import Settings, names

# What decides which embedder and which reranker are opened, and how they are reached.
_CHOOSE = frozenset(
    {name for name, named in names() if named.of_models} | {"embedder_key", "reranker_key"}
)


class SharedModels:
    """The models of settings, the large ones opened once. Any thread may ask.

    Each library has a language model of its own settings, which costs nothing to open. ``run`` says
    where and how the models run.
    """

    def __init__(self, *, run: Run = ANYWHERE) -> None:
        self._run = run
        self._opened: dict[Settings, Models] = {}
        self._lock = threading.Lock()

    def of(self, settings: Settings) -> Models:
        """Give the models that the settings choose.

        Raises:
            BifolioError: a model is unknown or not at hand; the message says what to do.
        """
        key = Settings(**{name: getattr(settings, name) for name in _CHOOSE})
        with self._lock:
            if key not in self._opened:
                self._opened[key] = Models.open(replace(settings, llm=None), run=self._run)
            return replace(self._opened[key], language_model=open_language_model(settings))
