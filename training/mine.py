"""Stage 2: what an embedder and the words take for an answer, and is none.

    python -m training.mine --embedder .training/backbone --out .training/groups-1

Writes ``passages.jsonl.gz`` and ``groups.jsonl.gz``: a question, its passage, hard negatives from
the hybrid recall over all passages of the passage's language and the nearest in the other, by
their places in the first file. ``--sentences`` and ``--translations`` add groups that need no
mining (training/sentences.py).
"""

import argparse
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch

from training.data import Example, examples, write
from training.encoder import PASSAGE, QUERY, Floats, device, embed, load
from training.figures import Ranking, by_words, hybrid, word_index
from training.sentences import sentence_groups, translation_groups

_DEPTH = 40
# A passage nearer to the question than so many times the right one may well answer it too
# (NV-Retriever, 2024); one so like the right one surely does, in the other language even one that
# is less so.
_TOO_NEAR = 0.98
_TWIN = 0.95
_TRANSLATION = 0.9


@dataclass(frozen=True, slots=True)
class Group:
    """A question, the place of the passage that answers it, and places of some that don't.

    The negatives are in the language of the passage, the foreign ones in the other.
    """

    direction: str
    kind: str
    question: str
    positive: int
    negatives: list[int]
    foreign: list[int]


class Passages:
    """All passages of the groups, each once, by place."""

    def __init__(self) -> None:
        self.places: dict[str, int] = {}

    def place(self, text: str) -> int:
        """Give the place of a text, a new one if it has none."""
        return self.places.setdefault(text, len(self.places))

    def of(self, asked: Sequence[Example]) -> Ranking:
        """Give the places of what answers the questions."""
        return np.array(sorted({self.places[example.passage] for example in asked}), np.int64)


def main() -> None:
    """Mine and write."""
    options = _options()
    found = examples(
        options.data,
        seed=options.seed,
        headings=options.headings,
        across=options.across,
        glossed=options.glossed,
        questions=options.questions,
    )
    passages, groups = Passages(), list[Group]()
    for example in found:
        passages.place(example.passage)
    vectors = embed(load(options.embedder), options.embedder, list(passages.places), prefix=PASSAGE)
    for language in ("en", "zh"):
        own = [example for example in found if example.language == language]
        others = passages.of([example for example in found if example.language != language])
        groups += mine(
            own, passages, vectors, options.embedder, count=options.negatives, foreign=others
        )
    groups += small(
        passages,
        options.data,
        sentences=options.sentences,
        translations=options.translations,
        seed=options.seed,
    )
    write(options.out / "passages.jsonl.gz", ({"text": text} for text in passages.places))
    write(options.out / "groups.jsonl.gz", map(asdict, groups))
    for name, count in sorted(Counter(f"{one.direction} {one.kind}" for one in groups).items()):
        print(f"{count} groups {name}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    add = parser.add_argument
    add("--embedder", type=Path, required=True)
    add("--out", type=Path, required=True)
    add("--data", type=Path, default=Path("../shared/data/train"))
    add("--headings", type=int, default=40_000, help="of each language")
    add("--across", type=int, default=40_000, help="of each direction")
    add("--glossed", type=int, default=8_000, help="of each direction")
    add("--questions", type=int, help="of each source; default all")
    add("--negatives", type=int, default=8)
    add("--sentences", type=int, default=0, help="sentences against those of their passage")
    add("--translations", type=int, default=0, help="sentences against windows across")
    add("--seed", type=int, default=0)
    return parser.parse_args()


def mine(
    asked: Sequence[Example],
    passages: Passages,
    vectors: Floats,
    embedder: Path,
    *,
    count: int,
    foreign: Ranking,
) -> Iterator[Group]:
    """Yield the groups of questions whose passages are in one language.

    ``vectors`` are those of all passages; ``foreign`` are places of those in the other language.
    """
    own, answers = passages.of(asked), _answers(asked, passages)
    if len(own) < count + max(map(len, answers.values()), default=0):
        return  # so many wrong ones there are not
    everything = list(passages.places)
    texts = [everything[place] for place in own]
    words = [example.other or example.question for example in asked]
    questions = embed(
        load(embedder), embedder, [example.question for example in asked], prefix=QUERY
    )
    chance = random.Random(0)
    for example, looked_up, vector, dense, lexical, abroad in zip(
        asked,
        words,
        questions,
        _nearest(questions, vectors[own]),
        by_words(word_index(texts), words, min(_DEPTH, len(own))),
        _nearest(questions, vectors[foreign]),
        strict=True,
    ):
        right = passages.places[example.passage]
        near = own[hybrid(looked_up, dense, lexical, texts)]
        wrong = _wrong(near, right, vector, vectors, answers[example.question])
        chosen = _sampled(wrong[: 2 * count], own, answers[example.question], count, chance)
        strange = _abroad(foreign[abroad], right, passages.places.get(example.twin), vectors)
        yield Group(
            example.direction, example.kind, example.question, right, chosen, strange[:count]
        )


def small(
    passages: Passages, data: Path, *, sentences: int, translations: int, seed: int
) -> Iterator[Group]:
    """Yield the groups that need no mining."""
    found = sentence_groups(data, count=sentences, seed=seed) if sentences else []
    found += translation_groups(data, count=translations, seed=seed) if translations else []
    for one in found:
        right, wrong, foreign = (
            [passages.place(text) for text in texts]
            for texts in ([one.right], one.wrong, one.foreign)
        )
        yield Group(one.direction, one.kind, one.question, right[0], wrong, foreign)


def _answers(asked: Sequence[Example], passages: Passages) -> dict[str, set[int]]:
    found: dict[str, set[int]] = {}
    for example in asked:
        found.setdefault(example.question, set()).add(passages.places[example.passage])
    return found


def _sampled(
    hard: list[int], own: Ranking, answers: set[int], count: int, chance: random.Random
) -> list[int]:
    """Choose so many of the hard ones, and one at least from anywhere."""
    chosen = chance.sample(hard, min(count - 1, len(hard)))
    while len(chosen) < count:
        place = int(chance.choice(own))
        if place not in answers and place not in chosen:
            chosen.append(place)
    return chosen


def _abroad(near: Ranking, right: int, twin: int | None, vectors: Floats) -> list[int]:
    """Give the nearest in the other language that are no translation of the right one."""
    kept = (vectors[near] @ vectors[right] < _TRANSLATION) & (near != twin)
    return [int(place) for place in near[kept]]


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
