"""Whether a text states a sentence of the other language, by the tokens of both.

A vector of a whole text says what it is about; a detail that it lacks is seen where its tokens are
compared. Each token of the sentence looks for its like among those of the text (the decomposable
attention of Parikh et al., EMNLP 2016), and two layers of self-attention weigh what was found: 0.7
million weights over the states of a frozen embedder, of its last layer, which knows what a text
is about, and of an inner one, which still knows the words. Made by ``training/entailment.py``.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from bifolio.retrieval.arrays import Floats

# Of the attention; the other sizes are the weights' own.
HEADS = 4
# States have length 1: so they fill the layers, and their products weigh beside them.
STATE_SCALE, PRODUCT_SCALE = 20.0, 5.0
_EPSILON = 1e-5


class Entailment:
    """A head over the states of one embedder's tokens, run by numpy: it is small."""

    def __init__(self, file: Path) -> None:
        from safetensors.numpy import load_file

        self._weights = {name: value.astype(np.float32) for name, value in load_file(file).items()}
        self._layers = len([name for name in self._weights if name.endswith(".in_proj_weight")])

    def logits(self, said: Floats, texts: Sequence[Floats]) -> Floats:
        """Give for each text the logit that it states what is said: float32 of shape (texts,).

        A sentence and texts are the states of their tokens, one layer's beside the other's: float32
        of shape (tokens, 2 * width), at least one token each.
        """
        claim = _layers(said)
        return np.array([self._logit(claim, _layers(text)) for text in texts], np.float32)

    def _logit(self, said: list[Floats], text: list[Floats]) -> float:
        claim, stated = (
            self._linear("project", np.concatenate(one, axis=1) * STATE_SCALE)
            for one in (said, text)
        )
        keys = np.concatenate([self._weights["no_key"], self._linear("key", stated)])
        values = np.concatenate([self._weights["no_value"], self._linear("value", stated)])
        found = _attend(self._linear("query", claim), keys, values)
        nearest = [
            _two_best(own @ other.T) * PRODUCT_SCALE for own, other in zip(said, text, strict=True)
        ]
        parts = [claim, found, claim * found, np.abs(claim - found), *nearest]
        states = self._normed("norm", self._linear("join", np.concatenate(parts, axis=1)))
        for layer in range(self._layers):
            states = self._layer(f"layers.{layer}", states)
        pooled = np.concatenate([states.max(axis=0), states.mean(axis=0)])
        return float(self._linear("out", pooled)[0])

    def _layer(self, name: str, states: Floats) -> Floats:
        """Run one layer of a transformer that normalises before its parts, as torch names them."""
        weights, bias = (
            self._weights[f"{name}.self_attn.in_proj_{kind}"] for kind in ("weight", "bias")
        )
        looked = self._normed(f"{name}.norm1", states) @ weights.T + bias
        attended = _attend(*np.split(looked, 3, axis=1))
        states = states + self._linear(f"{name}.self_attn.out_proj", attended)
        wide = self._linear(f"{name}.linear1", self._normed(f"{name}.norm2", states))
        return states + self._linear(f"{name}.linear2", _gelu(wide))

    def _linear(self, name: str, states: Floats) -> Floats:
        moved: Floats = states @ self._weights[f"{name}.weight"].T + self._weights[f"{name}.bias"]
        return moved

    def _normed(self, name: str, states: Floats) -> Floats:
        centred = states - states.mean(axis=1, keepdims=True)
        spread = np.sqrt((centred**2).mean(axis=1, keepdims=True) + _EPSILON)
        normed: Floats = centred / spread * self._weights[f"{name}.weight"]
        return normed + self._weights[f"{name}.bias"]


def _attend(queries: Floats, keys: Floats, values: Floats) -> Floats:
    """Give each query the values of what it looks for: (queries, width)."""
    asked, held, given = (
        one.reshape(len(one), HEADS, -1).swapaxes(0, 1) for one in (queries, keys, values)
    )
    logits = asked @ held.swapaxes(1, 2) / np.sqrt(asked.shape[-1])
    shares = np.exp(logits - logits.max(axis=-1, keepdims=True))
    mixed = shares / shares.sum(axis=-1, keepdims=True) @ given
    found: Floats = mixed.swapaxes(0, 1).reshape(len(queries), -1)
    return found


def _two_best(products: Floats) -> Floats:
    """Give the best product of each row and the next, (rows, 2); where there is none, -1."""
    best: Floats = np.sort(np.pad(products, ((0, 0), (0, 1)), constant_values=-1), axis=1)
    return best[:, :-3:-1]


def _gelu(numbers: Floats) -> Floats:
    inner = np.sqrt(2 / np.pi) * (numbers + 0.044715 * numbers**3)
    active: Floats = (0.5 * numbers * (1 + np.tanh(inner))).astype(np.float32)
    return active


def _layers(states: Floats) -> list[Floats]:
    """Part the states of the two layers, and give each length 1."""
    return [
        half / np.maximum(np.linalg.norm(half, axis=1, keepdims=True), 1e-12)
        for half in np.split(states, 2, axis=1)
    ]
