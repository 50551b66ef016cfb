"""Stage: a head over the embedder's tokens that tells what a text of the other language states.

    python -m training.entailment --embedder retrieval/starter/embedder \
        --out .training/entailment --claims 100000 --passes 4

The embedder stays as it is: the states of all texts are computed once and kept, and half a million
weights over them are trained on claims made by rule (``training/claims.py``). Prints which share of
each kind of claim, held back, is told right, and writes ``entailment.safetensors``, which
``bifolio.retrieval.models.entailment`` runs.
"""

import argparse
import json
import random
from collections import defaultdict
from collections.abc import Sequence
from functools import partial
from os.path import commonprefix
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.numpy import save_file
from torch import nn
from torch.nn.functional import (
    binary_cross_entropy_with_logits,
    gelu,
    normalize,
    pad,
    scaled_dot_product_attention,
)

from bifolio.retrieval.models.entailment import HEADS, PRODUCT_SCALE, STATE_SCALE
from training.batches import Batches, Texts, longest_first, padded, tokenizer_of
from training.claims import Claims, Example
from training.encoder import PASSAGE, device, load, products
from training.loop import Plan, optimizer_for, run

States = NDArray[np.float16]  # (tokens, width)

_LAYERS = 2
_CLAIM, _PASSAGE = 90, 150  # tokens at most; longer ones are left out
_LONGEST = 512
_HELD = 40  # one claim of so many is held back
_ENCODED = 4096  # tokens in a batch of the embedder on a CPU


class Head(nn.Module):
    """What ``Entailment`` runs: claims and passages as padded states, a logit for each pair."""

    def __init__(self, width: int, size: int) -> None:
        super().__init__()
        self.project = nn.Linear(2 * width, size)
        self.query, self.key, self.value = (nn.Linear(size, size) for _ in range(3))
        # A token that has no counterpart looks at nothing.
        self.no_key, self.no_value = (nn.Parameter(torch.zeros(1, size)) for _ in range(2))
        self.join = nn.Linear(4 * size + 4, size)
        self.norm = nn.LayerNorm(size)
        self.layers = nn.ModuleList(
            nn.TransformerEncoderLayer(
                size,
                HEADS,
                2 * size,
                activation=partial(gelu, approximate="tanh"),
                batch_first=True,
                norm_first=True,
            )
            for _ in range(_LAYERS)
        )
        self.out = nn.Linear(2 * size, 1)

    def forward(
        self,
        claims: torch.Tensor,
        claimed: torch.Tensor,
        passages: torch.Tensor,
        held: torch.Tensor,
    ) -> torch.Tensor:
        """Give logits (rows,) of states (rows, tokens, 2 * width), with masks (rows, tokens)."""
        said, stated = (
            [normalize(half, dim=-1) for half in one.chunk(2, dim=-1)] for one in (claims, passages)
        )
        nearest = [
            pad((own @ other.mT).masked_fill(~held[:, None, :], -1), (0, 1), value=-1)
            .topk(2)
            .values
            for own, other in zip(said, stated, strict=True)
        ]
        claim, text = (self.project(torch.cat(one, dim=-1) * STATE_SCALE) for one in (said, stated))
        found = self._found(claim, text, held)
        parts = [claim, found, claim * found, (claim - found).abs()]
        parts += [one * PRODUCT_SCALE for one in nearest]
        states = self.norm(self.join(torch.cat(parts, dim=-1)))
        for layer in self.layers:
            states = layer(states, src_key_padding_mask=~claimed)
        mask = claimed.unsqueeze(-1)
        most = states.masked_fill(~mask, -1e4).amax(1)
        mean = (states * mask).sum(1) / mask.sum(1)
        logits: torch.Tensor = self.out(torch.cat([most, mean], dim=-1))[:, 0]
        return logits

    def _found(self, claim: torch.Tensor, text: torch.Tensor, held: torch.Tensor) -> torch.Tensor:
        """Give each of a claim's tokens what it finds among the passage's, or in nothing."""
        rows = len(claim)
        nothing = [one.expand(rows, 1, -1) for one in (self.no_key, self.no_value)]
        keys = torch.cat([nothing[0], self.key(text)], dim=1)
        values = torch.cat([nothing[1], self.value(text)], dim=1)
        mask = torch.cat([held.new_ones(rows, 1), held], dim=1)[:, None, None, :]
        asked, looked, given = (
            one.unflatten(-1, (HEADS, -1)).transpose(1, 2)
            for one in (self.query(claim), keys, values)
        )
        found = scaled_dot_product_attention(asked, looked, given, attn_mask=mask)
        return found.transpose(1, 2).flatten(-2)


class Kept:
    """The states of many texts' own tokens, computed once and kept in a file.

    Those of the layer ``inner`` stand before the last ones.
    """

    def __init__(self, embedder: Path, texts: Sequence[str], file: Path, *, inner: int) -> None:
        tokenizer = tokenizer_of(embedder)
        self._rows = Texts(tokenizer, [PASSAGE + text for text in texts], _LONGEST).rows
        prefix = tokenizer.encode(PASSAGE).ids
        self._before = [len(commonprefix([prefix, row.tolist()])) for row in self._rows]  # noqa: RUF071 - id by id is meant
        # The last token is the end's.
        own = [len(row) - 1 - before for row, before in zip(self._rows, self._before, strict=True)]
        self._ends = np.cumsum(own)
        self._place = {text: place for place, text in enumerate(texts)}
        if not file.is_file():
            self._compute(load(embedder).eval(), file, inner)
        self._states = np.load(file, mmap_mode="r")

    def count(self, text: str) -> int:
        """Count the tokens of a text."""
        start, end = self._span(self._place[text])
        return end - start

    def of(self, text: str) -> States:
        """Give the states of a text."""
        start, end = self._span(self._place[text])
        states: States = self._states[start:end]
        return states

    def _span(self, place: int) -> tuple[int, int]:
        return (int(self._ends[place - 1]) if place else 0, int(self._ends[place]))

    @torch.inference_mode()
    def _compute(self, model: Any, file: Path, inner: int) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        unfinished = file.with_suffix(".new")
        shape = (int(self._ends[-1]), 2 * model.config.hidden_size)
        states = np.lib.format.open_memmap(unfinished, "w+", np.float16, shape)
        model.set_attn_implementation("sdpa")
        tokens = 131_072 if device().type == "cuda" else _ENCODED
        for batch in longest_first(self._rows, tokens):
            inputs = padded([self._rows[place] for place in batch], device())
            with products():
                layers = model(**inputs, output_hidden_states=True).hidden_states
            both = torch.cat([layers[inner], layers[-1]], dim=-1)
            for place, row in zip(batch, both.to(torch.float16).cpu().numpy(), strict=True):
                start, end = self._span(place)
                states[start:end] = row[self._before[place] :][: end - start]
        states.flush()
        unfinished.replace(file)


class Telling:
    """The loss of claims beside their passages: cross-entropy of true and false."""

    def __init__(
        self, head: Head, kept: Kept, examples: Sequence[Example], *, tokens: int, seed: int
    ) -> None:
        self._head, self._kept, self._examples = head, kept, examples
        lengths = [kept.count(one.claim) + kept.count(one.passage) for one in examples]
        self._batches = Batches(np.array(lengths), tokens=tokens, seed=seed)
        self.a_pass = self._batches.a_pass

    def loss(self, step: int) -> torch.Tensor:
        """Judge one step's batch."""
        batch = [self._examples[place] for place in self._batches[step]]
        right = torch.tensor([float(one.true) for one in batch], device=device())
        return binary_cross_entropy_with_logits(self.logits(batch), right)

    def logits(self, batch: Sequence[Example]) -> torch.Tensor:
        """Give the head's logits of some examples."""
        claims = _together([self._kept.of(one.claim) for one in batch])
        passages = _together([self._kept.of(one.passage) for one in batch])
        logits: torch.Tensor = self._head(*claims, *passages)
        return logits

    @torch.inference_mode()
    def shares_right(self, held: Sequence[Example]) -> dict[str, float]:
        """Give for each kind of example the share that is told right."""
        self._head.eval()
        right: dict[str, list[bool]] = defaultdict(list)
        for start in range(0, len(held), 64):
            batch = held[start : start + 64]
            for one, logit in zip(batch, self.logits(batch).tolist(), strict=True):
                right[one.kind].append((logit > 0) == one.true)
        return {kind: round(sum(some) / len(some), 3) for kind, some in sorted(right.items())}


def _together(rows: Sequence[States]) -> tuple[torch.Tensor, torch.Tensor]:
    """Pad states to (rows, tokens, width); the mask, (rows, tokens), says which are any."""
    shape = (len(rows), max(map(len, rows)))
    states, mask = np.zeros((*shape, rows[0].shape[1]), np.float32), np.zeros(shape, bool)
    for place, row in enumerate(rows):
        states[place, : len(row)], mask[place, : len(row)] = row, True
    return torch.from_numpy(states).to(device()), torch.from_numpy(mask).to(device())


def drawn(options: argparse.Namespace) -> list[Example]:
    """Make the claims; those too long for a sentence and its surroundings are left out."""
    claims, chance = Claims(options.data), random.Random(options.seed)
    every = [claims.draw(chance) for _ in range(options.claims)]
    tokenizer = tokenizer_of(options.embedder)
    counts = (
        Texts(tokenizer, [getattr(one, side) for one in every], _LONGEST).lengths()
        for side in ("claim", "passage")
    )
    fits = np.all(
        [count <= most for count, most in zip(counts, (_CLAIM, _PASSAGE), strict=True)], 0
    )
    return [one for one, fit in zip(every, fits, strict=True) if fit]


def save(head: Head, file: Path) -> None:
    """Write the weights in sixteen bits, by the names that ``Entailment`` reads."""
    state = head.state_dict()
    save_file({name: value.cpu().numpy().astype(np.float16) for name, value in state.items()}, file)


def main() -> None:
    """Make claims, compute states, train, write."""
    options = _options()
    torch.manual_seed(options.seed)
    examples = drawn(options)
    texts = sorted({text for one in examples for text in (one.claim, one.passage)})
    kept = Kept(options.embedder, texts, options.out / "states.npy", inner=options.inner)
    held, rest = examples[::_HELD], [one for at, one in enumerate(examples) if at % _HELD]
    head = Head(kept.of(texts[0]).shape[1] // 2, options.size).to(device())
    tokens = 131_072 if device().type == "cuda" else 8192
    telling = Telling(head, kept, rest, tokens=tokens, seed=options.seed)
    plan = Plan(
        steps=max(1, int(telling.a_pass * options.passes)),
        folder=options.out,
        seed=options.seed,
        minutes=options.minutes,
    )
    run(plan, head, optimizer_for(head, rate=options.rate, embeddings=0.0), telling.loss)
    print(json.dumps(telling.shares_right(held)))
    save(head, options.out / "entailment.safetensors")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    add = parser.add_argument
    add("--embedder", type=Path, required=True)
    add("--out", type=Path, required=True)
    add("--data", type=Path, default=Path("../shared/data/train"))
    add("--claims", type=int, default=100_000)
    add("--passes", type=float, default=4.0)
    add("--inner", type=int, default=8, help="layer that is read beside the last one")
    add("--size", type=int, default=160, help="of the head's layers")
    add("--rate", type=float, default=1e-3)
    add("--minutes", type=float, default=float("inf"), help="then stop, resumable")
    add("--seed", type=int, default=1)
    return parser.parse_args()


if __name__ == "__main__":
    main()
