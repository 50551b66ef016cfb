"""Stages 3 and 5: what an embedder and the words take for an answer, and is none.

    python -m training.mine --embedder .training/distilled --out .training/groups-1

Writes ``passages.jsonl.gz`` and ``groups.jsonl.gz``: a question, its passage, and hard negatives
from the hybrid recall over all passages of the language, by their places in the first file.
"""

import argparse
import random
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from training.data import Example, examples, rows, write
from training.encoder import Floats, device, embed, load
from training.figures import Ranking, by_words, hybrid, word_index

_DEPTH = 40
# A passage nearer to the question than so many times the right one may well answer it too
# (NV-Retriever, 2024); one so like the right one surely does.
_TOO_NEAR = 0.98
_TWIN = 0.95


@dataclass(frozen=True, slots=True)
class Group:
    """A question, the place of the passage that answers it, and places of some that don't."""

    direction: str
    kind: str
    question: str
    positive: int
    negatives: list[int]


def main() -> None:
    """Mine and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--embedder", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--data", type=Path, default=Path("../shared/data/train"))
    parser.add_argument("--headings", type=int, default=40_000, help="of each language")
    parser.add_argument("--across", type=int, default=40_000, help="of each direction")
    parser.add_argument("--glossed", type=int, default=8_000, help="of each direction")
    parser.add_argument("--questions", type=int, help="of each source; default all")
    parser.add_argument("--negatives", type=int, default=8)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    found = examples(
        options.data,
        seed=options.seed,
        headings=options.headings,
        across=options.across,
        glossed=options.glossed,
        questions=options.questions,
    )
    passages = list(dict.fromkeys(example.passage for example in found))
    places = {passage: place for place, passage in enumerate(passages)}
    vectors = embed(load(options.embedder), options.embedder, passages)
    write(options.out / "passages.jsonl.gz", ({"text": passage} for passage in passages))

    def _mined() -> Iterator[dict[str, Any]]:
        for language in ("en", "zh"):
            own = [example for example in found if example.language == language]
            groups = mine(own, places, vectors, options.embedder, count=options.negatives)
            for group in groups:
                yield asdict(group)

    write(options.out / "groups.jsonl.gz", _mined())
    for direction in ("en", "zh", "en-zh", "zh-en"):
        count = sum(row["direction"] == direction for row in rows(options.out / "groups.jsonl.gz"))
        print(f"{count} groups {direction}")


def mine(
    asked: Sequence[Example],
    places: dict[str, int],
    vectors: Floats,
    embedder: Path,
    *,
    count: int,
) -> Iterator[Group]:
    """Yield the groups of questions whose passages are in one language."""
    own = np.array(sorted({places[example.passage] for example in asked}), np.int64)
    answers: dict[str, set[int]] = {}
    for example in asked:
        answers.setdefault(example.question, set()).add(places[example.passage])
    if len(own) < count + max(map(len, answers.values()), default=0):
        return  # so many wrong ones there are not
    everything = list(places)
    texts = [everything[place] for place in own]
    questions = embed(load(embedder), embedder, [example.question for example in asked])
    looked_up = [example.other or example.question for example in asked]
    lexical = by_words(word_index(texts), looked_up, min(_DEPTH, len(own)))
    chance = random.Random(0)
    for example, vector, dense, words in zip(
        asked, questions, _nearest(questions, vectors[own]), lexical, strict=True
    ):
        right = places[example.passage]
        near = own[hybrid(example.other or example.question, dense, words, texts)]
        wrong = _wrong(near, right, vector, vectors, answers[example.question])
        hard = wrong[: 2 * count]
        chosen = chance.sample(hard, min(count - 1, len(hard)))
        while len(chosen) < count:  # one at least comes from anywhere
            place = int(chance.choice(own))
            if place not in answers[example.question] and place not in chosen:
                chosen.append(place)
        yield Group(example.direction, example.kind, example.question, right, chosen)


def _wrong(
    near: Ranking, right: int, question: Floats, vectors: Floats, answers: set[int]
) -> list[int]:
    """Leave out of the candidates those that may be right too."""
    likeness = vectors[near] @ question
    twins = vectors[near] @ vectors[right]
    kept = (likeness < _TOO_NEAR * float(vectors[right] @ question)) & (twins < _TWIN)
    return [int(place) for place in near[kept] if int(place) not in answers]


def _nearest(questions: Floats, passages: Floats) -> Iterator[Ranking]:
    """Yield the places of the nearest passages of each question, nearest first."""
    searched = torch.from_numpy(passages).to(device())
    for start in range(0, len(questions), 1024):
        products = torch.from_numpy(questions[start : start + 1024]).to(device()) @ searched.T
        best = products.topk(min(_DEPTH, len(passages)), dim=1).indices
        yield from best.cpu().numpy()


if __name__ == "__main__":
    main()
