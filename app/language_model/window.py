"""How many tokens a language model reads at once, asked where its server tells.

vLLM and hosted services tell it in the list of models, LM Studio in a list of its own, llama.cpp
in /props, Ollama in /api/ps and /api/show. Only the server that is set is asked.
"""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit, urlunsplit

_NAMES = (
    "max_model_len",
    "loaded_context_length",
    "n_ctx",
    "context_window",
    "context_length",
    "max_context_length",
)
# What Ollama gives a model for which nobody set another window, however long it could be.
_OLLAMA_DEFAULT = 4096
_NUM_CTX = re.compile(r"^\s*num_ctx\s+(\d+)", re.MULTILINE)
Json = Mapping[str, Any]


def context_window(client: Any, model: str) -> int | None:
    """Ask the server of an OpenAI client; None if it does not tell."""
    base = str(client.base_url).rstrip("/")
    root = urlunsplit(urlsplit(base)._replace(path=re.sub(r"/v\d+$", "", urlsplit(base).path)))
    for path in (f"{base}/models", f"{root}/api/v0/models"):
        if found := _listed(_get(client, path), model):
            return found
    settings = _get(client, f"{root}/props").get("default_generation_settings")
    if isinstance(settings, dict) and (found := _tokens(settings.get("n_ctx"))):
        return found
    return _ollama(client, root, model)


def _listed(reply: Json, model: str) -> int | None:
    entries = reply.get("data")
    for entry in entries if isinstance(entries, list) else ():
        if isinstance(entry, dict) and entry.get("id") == model:
            meta = entry.get("meta")
            told = {**meta, **entry} if isinstance(meta, dict) else entry
            return next((found for name in _NAMES if (found := _tokens(told.get(name)))), None)
    return None


def _ollama(client: Any, root: str, model: str) -> int | None:
    """A running model's own window, else what its file sets, else the server's default."""
    running = _get(client, f"{root}/api/ps").get("models")
    for entry in running if isinstance(running, list) else ():
        names = (entry.get("name"), entry.get("model")) if isinstance(entry, dict) else ()
        if {model, f"{model}:latest"} & set(names) and (
            found := _tokens(entry.get("context_length"))
        ):
            return found
    shown = _get(client, f"{root}/api/show", model)
    if isinstance(shown.get("parameters"), str) and (set_ := _NUM_CTX.search(shown["parameters"])):
        return _tokens(int(set_[1]))
    facts = shown.get("model_info")
    for name, value in facts.items() if isinstance(facts, dict) else ():
        if name.endswith(".context_length") and (found := _tokens(value)):
            return min(found, _OLLAMA_DEFAULT)
    return None


def _tokens(value: object) -> int | None:
    sensible = isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**31
    return value if sensible and isinstance(value, int) else None


def _get(client: Any, url: str, shown: str | None = None) -> Json:
    """Ask for JSON; nothing where the server has no such page."""
    try:
        if shown is None:
            reply = client.get(url, cast_to=object)
        else:
            reply = client.post(url, body={"model": shown}, cast_to=object)
    except Exception:  # a server that does not tell is as good as one that fails
        return {}
    return reply if isinstance(reply, dict) else {}
