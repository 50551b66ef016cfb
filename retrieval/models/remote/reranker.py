"""A reranker at a server: the same seam as one on this machine."""

import hashlib
import logging
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from bifolio.ingest import Message, message
from bifolio.retrieval.arrays import Floats
from bifolio.retrieval.models.recipe import RerankerRecipe, UnknownModel
from bifolio.retrieval.models.remote import replies
from bifolio.retrieval.models.remote.exchange import Exchange
from bifolio.retrieval.models.remote.parts import LEAST, counter, fitting, halves, requests
from bifolio.retrieval.models.remote.servers import KINDS, served
from bifolio.retrieval.models.remote.troubles import Trouble
from bifolio.retrieval.models.reranker_recipes import NO_THRESHOLD, known_reranker

_log = logging.getLogger(__name__)

KEY = "BIFOLIO_RERANKER_KEY"
# Special tokens around a question and a passage.
_EXTRA = 4
# So many tokens are left to the passage, however long the question is.
_LEAST_ROOM = 101


class RemoteReranker:
    """A model behind a rerank route: Cohere's, Jina's and infinity's shape, or TEI's.

    Scores stand between 0 and 1: as the server gives them, or the sigmoid of its logits where its
    kind or the user says that it gives those. Threshold, and the length that it reads, are those of
    the model's recipe if it is known by its name. A passage that is longer, or than the server
    takes, is halved until it fits, and the best of its parts is its score. Blank passages score 0.

    Raises:
        UnknownModel: the name cannot be meant so.
        ServerTrouble: from ``scores``: the server gives no answer, or one that cannot be right.
    """

    def __init__(self, name: str, *, key: str | None = None) -> None:
        self.served = served(name)
        route = self.served.kind.reranks
        if route is None:
            raise UnknownModel(_no_reranker(self.served.kind.name))
        self._route = route
        self.recipe = _recipe(self.served.model, self.served.tokens)
        self.name = self.recipe.name
        self._logits = (self.served.scores or self.served.kind.scores) == "logits"
        self._exchange = Exchange(self.served, key=key, variable=KEY)
        self._batch = self.served.batch or self.served.kind.pairs

    @property
    def fingerprint(self) -> str:
        """Model, score space, length, and what the recipe makes of the logit."""
        recipe = self.recipe
        weighs = (recipe.logit_weight, recipe.dense_weight, recipe.lexical_weight, recipe.bias)
        made = hashlib.sha256(repr((recipe.max_tokens, weighs)).encode()).hexdigest()[:16]
        return f"{self.name}/served/{'logits' if self._logits else 'sigmoid'}/{made}"

    def scores(self, question: str, passages: Sequence[str]) -> Floats:
        """Score each passage, in the caller's order: float32 of shape (passages,)."""
        unique = {passage: place for place, passage in enumerate(dict.fromkeys(passages))}
        question, most = self._room(question)
        parts, owners = [], []
        for passage, owner in unique.items():
            cut = fitting(passage, most, counter().count) if passage.strip() else []
            parts += cut
            owners += [owner] * len(cut)
        best = np.zeros(len(unique), np.float32)
        for places in requests(parts, self._batch):
            given = self._ask(question, [parts[place] for place in places])
            np.maximum.at(best, [owners[place] for place in places], given)
        return best[[unique[passage] for passage in passages]]

    def _room(self, question: str) -> tuple[str, int | None]:
        """Give the question, cut where it is too long, and the tokens left to a passage."""
        if not self.recipe.max_tokens:
            return question, None
        limit = self.recipe.max_tokens - _EXTRA
        most = max(limit - _LEAST_ROOM, limit // 4)
        while counter().count(question) > most and len(question) > LEAST:
            question = halves(question)[0]
        return question, max(limit - counter().count(question), 1)

    def _ask(self, question: str, passages: list[str]) -> Floats:
        """Ask for the scores of some passages, fewer at once where that is too much."""
        try:
            if len(passages) <= self._batch:
                return self._request(question, passages)
        except Trouble as trouble:
            if not trouble.too_much or (len(passages) == 1 and len(passages[0]) <= LEAST):
                raise self._exchange.error(trouble) from trouble
            if trouble.too_many:
                self._batch = max(1, len(passages) // 2)
        if len(passages) > 1:
            half = (len(passages) + 1) // 2
            both = [self._ask(question, part) for part in (passages[:half], passages[half:])]
            return np.concatenate(both)
        _log.warning("a passage longer than %s reads is scored by its best part", self.name)
        found: Floats = np.max(
            [self._ask(question, [half]) for half in halves(passages[0])], axis=0
        )
        return found

    def _request(self, question: str, passages: list[str]) -> Floats:
        kind = self.served.kind
        body: dict[str, object] = {"query": question, kind.passages: passages}
        if kind.passages == "texts":
            body["truncate"] = False
        else:
            body |= {"model": self.served.model, "top_n": len(passages)}
        if kind.raw:
            body["raw_scores"] = self._logits
        return self._exchange.post_json(self._route, body, partial(self._read, count=len(passages)))

    def _read(self, content: object, count: int) -> Floats:
        given = replies.scores(content, count)
        if not self._logits:
            return replies.from_zero_to_one(given)
        sigmoid: Floats = (1 / (1 + np.exp(-given.astype(np.float64)))).astype(np.float32)
        return sigmoid


def _recipe(model: str, tokens: int | None) -> RerankerRecipe:
    """Give the recipe of the model of that name; else one that has no threshold."""
    known = known_reranker(model) or RerankerRecipe(
        name=model,
        source=model,
        threshold=None,
        threshold_source=NO_THRESHOLD,
        max_tokens=0,
        languages=(),
        licence="unknown",
    )
    most = tokens or known.max_tokens
    return replace(known, source=model, prompt=None, given=True, max_tokens=most)


def _no_reranker(kind: str) -> Message:
    sentence = "servers of the kind {kind} rerank nothing here; choose one of {kinds}"
    kinds = ", ".join(known.name for known in KINDS if known.reranks)
    return message("served-reranks-nothing", sentence, kind=kind, kinds=kinds)
