"""What a user can set by environment: one frozen object, made once, at the door."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

DEFAULT_MODELS = "starter"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The settings that commands, the web chat and apps share."""

    library: Path = Path(".bifolio")  # the library's folder
    models: str = DEFAULT_MODELS  # the name of a pair of models
    embedder: str | None = None  # a recipe, hub id or folder in place of the pair's
    reranker: str | None = None
    pooling: str | None = None  # of the embedder: "cls" or "mean"; None is its recipe's or folder's
    query_prefix: str | None = None  # what the embedder reads before a question; "" is nothing
    passage_prefix: str | None = None
    llm: str | None = None  # the language model's name at its server; None is quotes mode
    base_url: str | None = None  # an OpenAI-compatible server; None is the openai package's own
    api_key: str | None = field(default=None, repr=False)
    context_tokens: int = 3000  # what the passages may take of the language model's context

    @classmethod
    def from_env(cls, environ: Mapping[str, str] = os.environ) -> "Settings":
        """Read BIFOLIO_LIBRARY and the like, OPENAI_BASE_URL and OPENAI_API_KEY."""
        return cls(
            library=Path(environ.get("BIFOLIO_LIBRARY") or ".bifolio"),
            models=environ.get("BIFOLIO_MODELS") or DEFAULT_MODELS,
            embedder=environ.get("BIFOLIO_EMBEDDER") or None,
            reranker=environ.get("BIFOLIO_RERANKER") or None,
            pooling=environ.get("BIFOLIO_POOLING") or None,
            # Set but empty disables the prefix of the recipe.
            query_prefix=environ.get("BIFOLIO_QUERY_PREFIX"),
            passage_prefix=environ.get("BIFOLIO_PASSAGE_PREFIX"),
            llm=environ.get("BIFOLIO_LLM") or None,
            base_url=environ.get("OPENAI_BASE_URL") or None,
            api_key=environ.get("OPENAI_API_KEY") or None,
        )
