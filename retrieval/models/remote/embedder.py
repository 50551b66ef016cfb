"""An embedder at a server: the same seam as one on this machine."""

import json
import logging
import secrets
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from functools import cached_property, partial

import numpy as np

from bifolio.ingest import Message, message
from bifolio.retrieval.arrays import Floats
from bifolio.retrieval.models.cache import cache_home
from bifolio.retrieval.models.embedder import unit
from bifolio.retrieval.models.embedder_recipes import known_embedder
from bifolio.retrieval.models.recipe import EmbedderOptions, EmbedderRecipe, UnknownModel
from bifolio.retrieval.models.remote import replies, youdao
from bifolio.retrieval.models.remote.exchange import Exchange
from bifolio.retrieval.models.remote.parts import LEAST, counter, fitting, halves, requests
from bifolio.retrieval.models.remote.servers import KINDS, served
from bifolio.retrieval.models.remote.troubles import Trouble
from bifolio.retrieval.models.remote.words import address

_log = logging.getLogger(__name__)

KEY = "BIFOLIO_EMBEDDER_KEY"
_REMEMBERED = "served.json"


class RemoteEmbedder:
    """A model behind an OpenAI-shaped embeddings route, or Youdao's own.

    Prefixes are the user's, else those of the model's recipe if it is known by its name. A text
    that is longer than the model is known to read, or than the server takes, is halved until it
    fits, and the mean of its parts is its vector; a blank text has the vector of zeros. Tokens are
    counted as the starter's embedder does.

    ``fingerprint`` says model, dimensions, prefixes and length, but not where the server stands: it
    may move. How long the vectors are is asked once and remembered in the user's cache folder.

    Raises:
        UnknownModel: the name cannot be meant so.
        ServerTrouble: from any call: the server gives no answer, or one that cannot be right.
    """

    def __init__(
        self, name: str, options: EmbedderOptions | None = None, *, key: str | None = None
    ) -> None:
        self.served = served(name)
        route = self.served.kind.embeds
        if route is None:
            raise UnknownModel(_no_embedder(self.served.kind.name))
        self._route = route
        options = options or EmbedderOptions()
        self.recipe = _recipe(self.served.model, options, self.served.tokens)
        self.name = self.recipe.name
        self._exchange = Exchange(self.served, key=key, variable=KEY)
        self._batch = self.served.batch or self.served.kind.texts
        self._youdao = self.served.kind.name == "youdao"
        self._most = self.recipe.max_tokens or None
        if self._youdao:
            self._most = min(self._most or youdao.MOST_WORDS, youdao.MOST_WORDS)

    @cached_property
    def dims(self) -> int:
        """How long the vectors are: as asked for, as remembered, else as the server says."""
        return self.served.dims or _remembered(self._place) or self._asked()

    @property
    def fingerprint(self) -> str:
        """Model, prefixes, length."""
        asked = self.served.dims or "own"
        parts = ["served", self.name, f"{asked} dims", self.recipe.query_prefix]
        return "/".join([*parts, self.recipe.passage_prefix, str(self._most)])

    def embed_queries(self, texts: Sequence[str]) -> Floats:
        """Embed questions, with the query prefix."""
        return self._embed(self.recipe.query_prefix, texts)

    def embed_passages(self, texts: Sequence[str]) -> Floats:
        """Embed passages, with the passage prefix."""
        return self._embed(self.recipe.passage_prefix, texts)

    def count(self, text: str) -> int:
        """Count the tokens of a text as the starter's embedder does."""
        return counter().count(text)

    @property
    def _place(self) -> str:
        return f"{self.served.model}@{address(self.served.url)}"

    def _embed(self, prefix: str, texts: Sequence[str]) -> Floats:
        owners, parts = [], []
        unique = {text: place for place, text in enumerate(dict.fromkeys(texts))}
        most = self._most and max(1, self._most - self._length(prefix))
        for text, owner in unique.items():
            cut = fitting(text, most, self._length) if text.strip() else []
            parts += [prefix + part for part in cut]
            owners += [owner] * len(cut)
        if len(parts) > len(set(owners)):
            self._tell_long(len(parts) - len(set(owners)))
        sums = np.zeros((len(unique), self.dims), np.float32)
        for places in requests(parts, self._batch):
            given = self._ask([parts[place] for place in places])
            np.add.at(sums, [owners[place] for place in places], given)
        return unit(sums)[[unique[text] for text in texts]]

    def _length(self, text: str) -> int:
        return youdao.length(text) if self._youdao else counter().count(text)

    def _ask(self, texts: list[str]) -> Floats:
        """Ask for the unit vectors of some texts, fewer at once where that is too much."""
        half = (len(texts) + 1) // 2
        if len(texts) > self._batch:
            return np.concatenate([self._ask(texts[:half]), self._ask(texts[half:])])
        try:
            given = self._request(texts)
        except Trouble as trouble:
            if not trouble.too_much or (len(texts) == 1 and len(texts[0]) <= LEAST):
                raise self._exchange.error(trouble) from trouble
            if trouble.too_many:
                self._batch = max(1, len(texts) // 2)
            if len(texts) > 1:
                return np.concatenate([self._ask(texts[:half]), self._ask(texts[half:])])
            self._tell_long(1)
            both = [self._ask([half]) for half in halves(texts[0])]
            return unit(np.sum(both, axis=0))
        if "dims" in self.__dict__ and given.shape[1] != self.dims:
            raise self._exchange.error(self._other_dims(given.shape[1]))
        return unit(given)

    def _request(self, texts: list[str]) -> Floats:
        if self._youdao:
            return youdao.embed(self._exchange, self._route, texts)
        packs = "base64" if self.served.kind.packs else "float"
        body: dict[str, object] = {
            "model": self.served.model,
            "input": texts,
            "encoding_format": packs,
        }
        if self.served.dims:
            body["dimensions"] = self.served.dims
        read = partial(replies.vectors, count=len(texts))
        return self._exchange.post_json(self._route, body, read)

    def _asked(self) -> int:
        dims = int(self._ask(["dimensions"]).shape[1])
        _remember(self._place, dims)
        return dims

    def _other_dims(self, given: int) -> Trouble:
        if not self.served.dims:
            # The next start asks anew, and the library then says whether it fits.
            _remember(self._place, None)
        return Trouble(
            message(
                "served-other-dims",
                "gave vectors of {given} dimensions, not {dims}: another model answers there, or"
                " #dims= is not what it gives; serve the former one, or make the library anew"
                " with `bifolio rebuild`",
                given=given,
                dims=self.dims,
            )
        )

    def _tell_long(self, count: int) -> None:
        sentence = "%d cut(s) in texts longer than %s reads: the mean of the parts is the vector"
        _log.warning(sentence, count, self.name)


def _recipe(model: str, options: EmbedderOptions, tokens: int | None) -> EmbedderRecipe:
    """Give the recipe in force: the user's word first, then that of the model of that name."""
    known = known_embedder(model) or EmbedderRecipe(
        name=model, source=model, languages=(), licence="unknown", max_tokens=0
    )
    query_prefix, passage_prefix = options.query_prefix, options.passage_prefix
    return replace(
        known,
        source=model,
        query_prefix=known.query_prefix if query_prefix is None else query_prefix,
        passage_prefix=known.passage_prefix if passage_prefix is None else passage_prefix,
        max_tokens=tokens or known.max_tokens,
    )


def _no_embedder(kind: str) -> Message:
    sentence = "servers of the kind {kind} embed nothing here; choose one of {kinds}"
    kinds = ", ".join(known.name for known in KINDS if known.embeds)
    return message("served-embeds-nothing", sentence, kind=kind, kinds=kinds)


def _remembered(place: str) -> int | None:
    dims = _read().get(place)
    return dims if isinstance(dims, int) and dims > 0 else None


def _remember(place: str, dims: int | None) -> None:
    """Best effort: where no cache can be kept, the next start asks the server."""
    known = {**_read(), place: dims}
    with suppress(OSError, RuntimeError):
        file = cache_home() / _REMEMBERED
        written = file.with_name(f"served-{secrets.token_hex(4)}.tmp")
        written.write_text(json.dumps({at: n for at, n in known.items() if n}), encoding="utf-8")
        written.replace(file)


def _read() -> dict[str, object]:
    with suppress(OSError, ValueError, RuntimeError):
        content = json.loads((cache_home() / _REMEMBERED).read_text(encoding="utf-8"))
        if isinstance(content, dict):
            return content
    return {}
