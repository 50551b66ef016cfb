"""``models``: those that are known; the chosen ones saved for other tools, or tried."""

import argparse
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from bifolio import as_json
from bifolio.cli import as_text
from bifolio.cli.maintenance import Told
from bifolio.cli.options import settings_from
from bifolio.ingest import BifolioError
from bifolio.models import Models
from bifolio.retrieval import Embedder, Reranker, runs_at, save

_QUESTION = "How long is the notice period?"
_PASSAGES = ("The notice period is three months.", "轮机每三个月检修一次。")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """What one model gave when it was called twice, or why it gave nothing.

    ``place`` is an engine here or a server's address, ``facts`` what its numbers are, ``seconds``
    the time of the second call: the first loads the model.
    """

    kind: str
    name: str
    place: str = ""
    facts: str = ""
    seconds: float = 0.0
    problem: str | None = None


def run(options: argparse.Namespace) -> Told:
    """Show, save or try models."""
    if options.save:
        name, folder = options.save
        saved = [str(path) for path in save(name, Path(folder))]
        return Told({"saved": saved}, "\n".join(f"saved {path}" for path in saved))
    if not options.check:
        return Told(as_json.models(), as_text.models())
    models = Models.open(settings_from(options))
    embedder, reranker = models.embedder, models.reranker
    tried = (
        _tried("embedder", embedder, lambda text: _embed(embedder, text)),
        _tried("reranker", reranker, lambda text: _rerank(reranker, text)),
    )
    sound = not any(one.problem for one in tried)
    told = {"sound": sound, "tried": [asdict(one) for one in tried]}
    return Told(told, "\n".join(map(_line, tried)), sound=sound)


def _tried(kind: str, model: Embedder | Reranker, call: Callable[[str], str]) -> Tried:
    try:
        call(_QUESTION)
        began = time.monotonic()
        facts = call(f"{_QUESTION} (2)")  # another text: no server answers it from memory
        seconds = round(time.monotonic() - began, 4)
        place = runs_at(model)
    except BifolioError as problem:
        return Tried(kind=kind, name=model.name, problem=str(problem))
    return Tried(kind=kind, name=model.name, place=place, facts=facts, seconds=seconds)


def _embed(embedder: Embedder, text: str) -> str:
    (vector,) = embedder.embed_queries([text])
    return f"{len(vector)} dimensions"


def _rerank(reranker: Reranker, text: str) -> str:
    fits, does_not = (float(score) for score in reranker.scores(text, _PASSAGES))
    recipe = reranker.recipe
    threshold = "no threshold yet" if recipe.threshold is None else f"{recipe.threshold:g}"
    return (
        f"{recipe.score_space}; by itself {fits:.3f} for a passage that answers, {does_not:.3f} for"
        f" one that does not; threshold: {threshold} ({recipe.threshold_source})"
    )


def _line(one: Tried) -> str:
    if one.problem:
        return f"{one.kind} {one.name}: FAILED: {one.problem}"
    return f"{one.kind} {one.name} ({one.place}): {one.facts}; {1000 * one.seconds:.0f} ms a call"
