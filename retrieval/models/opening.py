"""Models by the names that users give them: on this machine, or at a server."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from bifolio.ingest import BifolioError
from bifolio.retrieval.models.embedder import Embedder, ModelEmbedder
from bifolio.retrieval.models.embedder_recipes import embedder_recipe
from bifolio.retrieval.models.engine import ANYWHERE, Run
from bifolio.retrieval.models.recipe import EmbedderOptions
from bifolio.retrieval.models.remote.embedder import RemoteEmbedder
from bifolio.retrieval.models.remote.reranker import RemoteReranker
from bifolio.retrieval.models.remote.servers import is_served
from bifolio.retrieval.models.remote.words import address
from bifolio.retrieval.models.reranker import CrossEncoder, Reranker
from bifolio.retrieval.models.reranker_recipes import reranker_recipe


def open_embedder(
    name: str,
    options: EmbedderOptions | None = None,
    *,
    key: str | None = None,
    run: Run = ANYWHERE,
) -> Embedder:
    """Open the embedder that a user names: a recipe, folder or hub id, or one at a server.

    ``run`` says where and how one on this machine runs.

    Raises:
        UnknownModel: nothing is called so, or it is not run.
        ModelUnavailable: its files are not at hand or damaged.
    """
    if is_served(name):
        return RemoteEmbedder(name, options, key=key)
    return ModelEmbedder(embedder_recipe(name), options, run=run)


def open_reranker(name: str, *, key: str | None = None, run: Run = ANYWHERE) -> Reranker:
    """Open the reranker that a user names: a recipe, folder or hub id, or one at a server.

    ``run`` says where and how one on this machine runs.

    Raises:
        UnknownModel: nothing is called so, or it is not run.
    """
    if is_served(name):
        return RemoteReranker(name, key=key)
    return CrossEncoder(reranker_recipe(name), run=run)


def runs_at(model: Embedder | Reranker) -> str:
    """Say where a model runs: by what engine on this machine, or at what server.

    Raises:
        ModelUnavailable: its files are not at hand or damaged.
    """
    if isinstance(model, RemoteEmbedder | RemoteReranker):
        return address(model.served.url)
    if isinstance(model, ModelEmbedder | CrossEncoder):
        return model.engine_name
    return "by a class of its own"


def is_converted(model: Embedder | Reranker) -> bool:
    """Tell whether a model can be loaded at once, or need not be loaded here.

    Raises:
        ModelUnavailable: its files are not at hand or damaged.
    """
    return not isinstance(model, ModelEmbedder | CrossEncoder) or model.is_converted


@contextmanager
def loading(model: Reranker | None) -> Iterator[None]:
    """Load a model in a thread while something else is done, if it loads at once.

    Only the first question of a process waits for it. What goes wrong is left to the model's use,
    which tells it.
    """
    if not isinstance(model, CrossEncoder) or model.is_loaded:
        yield
        return
    thread = threading.Thread(target=_load, args=[model], name="loading", daemon=True)
    thread.start()
    try:
        yield
    finally:
        thread.join()


def _load(model: CrossEncoder) -> None:
    with suppress(BifolioError, OSError):
        if model.is_converted:
            model.load()
