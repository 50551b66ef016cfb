"""Stage 3: the embedder learns which passage answers a question, and what says the same.

    python -m training.tune --init .training/backbone --groups .training/groups-1 \
        --out .training/tuned --steps 800

Each step takes a batch of questions, of all directions, and one of translations, which are pulled
to where the model put the English of them before. What is written is the mean of the end
and, by ``--keep``, of the start: better in every direction than either.
"""

import argparse
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn.functional import cross_entropy

from training.batches import Batches, Row, Texts, longest_first, tokenizer_of
from training.data import Pair, parallel
from training.encoder import PASSAGE, QUERY, device, load, vectors
from training.figures import log_figures
from training.groups import Groups
from training.loop import Plan, optimizer_for, run
from training.save import save_embedder

_QUESTION, _PASSAGE, _SENTENCE = 64, 400, 128  # tokens at most
_SHARPNESS = 64.0  # over the cosines of the contrast in a batch
_TRANSLATED = 65_536  # tokens of translations in a batch at most
_MOST = 256  # translations in a batch


class Contrast:
    """The loss of groups: each question's passage against all others of a batch.

    Each question brings one of its own negatives, and one in the other language. A batch holds
    questions and passages of both languages, so that likeness of language is no evidence.
    """

    def __init__(self, model: Any, folder: Path, groups: Path, *, tokens: int, seed: int) -> None:
        self._model = model
        self._groups = Groups(
            folder, groups, question=_QUESTION, passage=_PASSAGE, prefixes=(QUERY, PASSAGE)
        )
        self._tokens = tokens
        self._batches = Batches(self._lengths(), tokens=tokens, seed=seed)
        self.a_pass = self._batches.a_pass

    def _lengths(self) -> NDArray[np.int64]:
        """Count the tokens that each group brings, by its longest passage."""
        lengths = [len(row) for row in self._groups.passages]
        widest = [max(lengths[one] for one in _read(group, 0)) for group in self._groups.rows]
        return np.array(widest) * 3

    def loss(self, step: int) -> torch.Tensor:
        """Tell the right passage from the batch's others; the step chooses the hard negatives."""
        turn, batch = step // self.a_pass, self._batches[step]
        groups = [self._groups.rows[place] for place in batch]
        columns = zip(*(_read(group, turn) for group in groups), strict=True)
        read = [passage for column in columns for passage in column]
        asked = vectors(self._model, [self._groups.questions[place] for place in batch])
        answers = self._vectors([self._groups.passages[place] for place in read])
        alike = asked @ answers.T * _SHARPNESS
        alike = alike.masked_fill(_also_right(read, len(groups)).to(alike.device), -1e4)
        right = torch.arange(len(groups), device=alike.device)
        back = cross_entropy(alike[:, : len(groups)].T, right)
        total: torch.Tensor = cross_entropy(alike, right) + 0.3 * back
        return total

    def _vectors(self, rows: Sequence[Row]) -> torch.Tensor:
        """Embed texts of about one length together, and give them in the caller's order."""
        found, order = [], []
        for batch in longest_first(rows, self._tokens // 4):
            found.append(vectors(self._model, [rows[place] for place in batch]))
            order += batch
        return torch.cat(found)[torch.tensor(order).argsort()]


def _read(group: dict[str, Any], turn: int) -> tuple[int, int, int]:
    """Give the right passage and two wrong ones, the second in the other language if there is."""
    wrong, foreign = group["negatives"], group["foreign"] or group["negatives"][::-1]
    return group["positive"], wrong[turn % len(wrong)], foreign[turn % len(foreign)]


def _also_right(read: Sequence[int], count: int) -> torch.Tensor:
    """Say where a batch holds a question's own passage a second time."""
    places = torch.tensor(read)
    same = places[:count, None] == places[None, :]
    same[torch.arange(count), torch.arange(count)] = False
    return same


class Translation:
    """The loss of parallel texts: both go where ``frozen`` puts the English one."""

    def __init__(
        self,
        model: Any,
        frozen: Any,
        folder: Path,
        pairs: Sequence[Pair],
        *,
        tokens: int,
        seed: int,
    ) -> None:
        self._model, self._frozen = model, frozen.eval().requires_grad_(False)
        tokenizer = tokenizer_of(folder)
        self._english, self._chinese = (
            Texts(tokenizer, [QUERY + text for text in texts], _SENTENCE)
            for texts in ([pair.en for pair in pairs], [pair.zh for pair in pairs])
        )
        lengths = self._english.lengths() + self._chinese.lengths()
        self._batches = Batches(lengths, tokens=tokens, seed=seed, most=_MOST)

    def loss(self, step: int) -> torch.Tensor:
        """Cosine distance to where the English was, and telling the batch's texts apart."""
        places = self._batches[step]
        texts = [self._english.rows[place] for place in places]
        with torch.no_grad():
            target = vectors(self._frozen, texts)
        english = vectors(self._model, texts)
        chinese = vectors(self._model, [self._chinese.rows[place] for place in places])
        right = torch.arange(len(places), device=target.device)
        both = english @ chinese.T * _SHARPNESS
        contrast = 0.25 * (cross_entropy(both, right) + cross_entropy(both.T, right))
        contrast += 0.5 * cross_entropy(chinese @ target.T * _SHARPNESS, right)
        moved = [(1 - (own * target).sum(1)).mean() for own in (chinese, english)]
        return contrast + 20 * (moved[0] + 0.5 * moved[1])


@torch.no_grad()
def average(model: Any, start: Any, keep: float) -> None:
    """Move a model back towards the one that it was trained from, ``keep`` of the way.

    The mean of both keeps what the training forgot (Wortsman et al., 2022).
    """
    began = start.state_dict()
    for name, value in model.state_dict().items():
        value.lerp_(began[name], keep)


def main() -> None:
    """Train, and write the model folder."""
    options = _options()
    torch.manual_seed(options.seed)
    model, frozen = load(options.init), load(options.init)
    tokens = options.tokens or (131_072 if device().type == "cuda" else 4600)
    contrast = Contrast(model, options.init, options.groups, tokens=tokens, seed=options.seed)
    pairs = parallel(options.data, cap=options.cap)
    random.Random(0).shuffle(pairs)
    translation = Translation(
        model, frozen, options.init, pairs, tokens=min(tokens, _TRANSLATED), seed=options.seed
    )

    def _loss(step: int) -> torch.Tensor:
        return translation.loss(step) + contrast.loss(step)

    plan = Plan(
        steps=options.steps,
        until=options.until,
        folder=options.out,
        seed=options.seed,
        minutes=options.minutes,
        warmup=60,
    )
    optimizer = optimizer_for(model, rate=options.rate, embeddings=2 * options.rate)
    run(plan, model, optimizer, _loss)
    average(model, frozen, options.keep)
    save_embedder(model, options.init, options.out)
    log_figures(options.out, options.dev)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    add = parser.add_argument
    add("--init", type=Path, required=True)
    add("--groups", type=Path, required=True)
    add("--out", type=Path, required=True)
    add("--data", type=Path, default=Path("../shared/data/train"))
    add("--dev", type=Path, default=Path("../shared/data/dev"))
    add("--cap", type=int, default=20_000, help="pairs of each source of translations")
    add("--steps", type=int, default=800)
    add("--until", type=int, help="end at this step of them; default the last")
    add("--tokens", type=int, help="in a batch; default 131072 on a GPU, else 4600")
    add("--rate", type=float, default=8e-5)
    add("--keep", type=float, default=0.2, help="share of the start in what is written")
    add("--minutes", type=float, default=float("inf"), help="then stop, resumable")
    add("--seed", type=int, default=1)
    return parser.parse_args()


if __name__ == "__main__":
    main()
