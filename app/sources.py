"""Which models the settings that lie in a library's folder may name: those that are at hand.

A folder may come from anybody. What stands in it must not have files of this machine loaded, nor
anything fetched: it names models that are in the package or in the hub's cache, no paths.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bifolio.ingest import Message, message
from bifolio.language_model import is_local
from bifolio.retrieval import EMBEDDERS, RERANKERS, UnknownModel, at_hand, in_cache, pair, server_of


def listed(text: str) -> str:
    """Read names of models with the sign between them that stands between folders in PATH."""
    return os.pathsep.join(dict.fromkeys(one.strip() for one in _split(text)))


def named(settings: Mapping[str, Any]) -> dict[str, str]:
    """Give the models that settings choose on this machine, by the setting that chooses it."""
    found = {}
    for name in ("embedder", "reranker"):
        try:
            own = getattr(pair(settings["models"]), name).name if settings.get("models") else None
            chosen = settings.get(name) or own
            if chosen and not server_of(chosen):
                found[name] = chosen
        except UnknownModel:  # opening it tells why, and loads nothing
            continue
    model = settings.get("llm")
    return found | ({"llm": model} if model and is_local(model) else {})


def refusal(in_force: Mapping[str, Any], own: Mapping[str, Any], file: Path) -> Message | None:
    """Say which model a library's file brings in that is not at hand.

    ``in_force`` are the settings with those of the file among them, ``own`` those without.
    """
    allowed, without = _split(own.get("sources")), named(own)
    for name, model in named(in_force).items():
        if model in (without.get(name), *allowed) or (name != "llm" and _is_at_hand(model)):
            continue
        sentence = (
            "{file} names the model {model} ({name}), and no setting of your own does; a library's"
            " folder alone may have no file of this machine loaded and no model fetched: if it is"
            " meant, set {variable}={model}, else take it out of the file"
        )
        facts = {"model": model, "name": name, "variable": "BIFOLIO_SOURCES"}
        return message("model-of-a-folder", sentence, file=file, **facts)
    return None


def _split(listed: object) -> list[str]:
    return [one for one in str(listed or "").split(os.pathsep) if one.strip()]


def _is_at_hand(model: str) -> bool:
    """Tell whether a model that is named, not one in a folder, can be had without a download."""
    if Path(model).exists():
        return False
    known = {one.name: one.source for one in EMBEDDERS} | {
        one.name: one.source for one in RERANKERS
    }
    if model in known:
        return at_hand(known[model]) is not None
    return model.count("/") > 0 and not model.startswith((".", "/", "~")) and bool(in_cache(model))
