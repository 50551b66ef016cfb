"""A cross-encoder that teaches another one, whatever its word pieces: it is given texts."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from bifolio.ingest.simplified import simplified
from bifolio.retrieval import CrossEncoder, reranker_recipe
from training.encoder import Floats

_NEVER = 1e-5  # no score is nearer to 0 or 1: its logit would be without end


class Teacher:
    """Scores passages as the application's reranker in this folder does."""

    def __init__(self, folder: Path) -> None:
        self._reranker = CrossEncoder(reranker_recipe(str(folder)))

    def logits(self, group: dict[str, Any], places: Sequence[int], texts: Sequence[str]) -> Floats:
        """Give the logit of each text, which stands at this place of the passages.

        Each is asked in its own language where the question of the group stands in both, so that
        what the teacher knows within a language is learnt across the languages.
        """
        foreign = set(group["foreign"])
        asked = [
            group["question"] if place in foreign else group["other"] or group["question"]
            for place in places
        ]
        found = np.zeros(len(texts), np.float32)
        for question in set(asked):
            own = [at for at, one in enumerate(asked) if one == question]
            read = [simplified(texts[at]) for at in own]
            found[own] = self._reranker.scores(simplified(question), read)
        scores = found.clip(_NEVER, 1 - _NEVER)
        logits: Floats = np.log(scores / (1 - scores))
        return logits
