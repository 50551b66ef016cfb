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

from training import written
from training.batches import Texts, tokenizer_of
from training.data import Example, examples, write
from training.encoder import PASSAGE, QUERY, Floats, device, embed, load
from training.figures import Ranking
from training.lexical import Pieces
from training.sentences import sentence_groups, translation_groups

_DEPTH = 40
_LONGEST = 512  # tokens
# A passage nearer to the question than so many times the right one may well answer it too
# (NV-Retriever, 2024); one so like the right one surely does, in the other language even one that
# is less so.
_TOO_NEAR = 0.98
_TWIN = 0.95
_TRANSLATION = 0.9


@dataclass(frozen=True, slots=True)
class Group:
    """A question, the place of the passage that answers it, and places of some that don't.

    The negatives are in the language of the passage, the foreign ones in the other. ``other`` is
    the question in the passage's language, where the two differ.
    """

    direction: str
    kind: str
    question: str
    other: str
    positive: int
    negatives: list[int]
    foreign: list[int]


class Passages:
    """All passages of the groups, each once, by place."""

    def __init__(self) -> None:
        self.places: dict[str, int] = {}
        self.xids: dict[int, frozenset[str]] = {}

    def place(self, text: str, xids: frozenset[str] = frozenset()) -> int:
        """Give the place of a text, a new one if it has none."""
        place = self.places.setdefault(text, len(self.places))
        self.xids[place] = self.xids.get(place, frozenset()) | xids
        return place

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
    if options.written:
        found += written.examples(options.written, seed=options.seed)
    passages, groups = Passages(), list[Group]()
    for example in found:
        passages.place(example.passage, example.xids)
    vectors = embed(load(options.embedder), options.embedder, list(passages.places), prefix=PASSAGE)
    for language in ("en", "zh"):
        own = [example for example in found if example.language == language]
        others = passages.of([example for example in found if example.language != language])
        groups += mine(
            own,
            passages,
            vectors,
            options.embedder,
            count=options.negatives,
            foreign=others,
            keep=options.keep,
        )
    groups += small(
        passages,
        options.data,
        options.written,
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
    add("--written", type=Path, help="what training.write wrote")
    add("--keep", type=int, default=10, help="written questions that find their passage so far up")
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
    keep: int,
) -> Iterator[Group]:
    """Yield the groups of questions whose passages are in one language.

    ``vectors`` are those of all passages; ``foreign`` are places of those in the other language. Of
    written questions those are kept whose passage is among the nearest ``keep``.
    """
    own, answers = passages.of(asked), _answers(asked, passages)
    if len(own) < count + max(map(len, answers.values()), default=0):
        return  # so many wrong ones there are not
    everything = list(passages.places)
    tokenizer = tokenizer_of(embedder)
    pieces = Pieces(Texts(tokenizer, [everything[place] for place in own], _LONGEST).rows)
    words = Texts(tokenizer, [one.other or one.question for one in asked], _LONGEST).rows
    questions = embed(
        load(embedder), embedder, [example.question for example in asked], prefix=QUERY
    )
    chance = random.Random(0)
    for example, vector, dense, lexical, abroad in zip(
        asked,
        questions,
        _nearest(questions, vectors[own]),
        pieces.best(words, _DEPTH // 2),
        _nearest(questions, vectors[foreign]),
        strict=True,
    ):
        right = passages.places[example.passage]
        if example.kind == "written" and right not in own[dense[:keep]]:
            continue
        near = own[list(dict.fromkeys(np.stack([dense[: _DEPTH // 2], lexical]).T.flat))]
        same = answers[example.question]
        wrong = _wrong(near, right, vector, vectors, same)
        strange = _abroad(foreign[abroad], example, vectors, passages)
        yield Group(
            example.direction,
            example.kind,
            example.question,
            example.other,
            right,
            _sampled(wrong[: 2 * count], own, same, count, chance),
            strange[:count],
        )


def small(
    passages: Passages,
    data: Path,
    told: Path | None,
    *,
    sentences: int,
    translations: int,
    seed: int,
) -> Iterator[Group]:
    """Yield the groups that need no mining."""
    found = sentence_groups(data, count=sentences, seed=seed) if sentences else []
    found += written.sentences(told, count=2 * sentences, seed=seed) if told else []
    found += translation_groups(data, count=translations, seed=seed) if translations else []
    for one in found:
        right, wrong, foreign = (
            [passages.place(text) for text in texts]
            for texts in ([one.right], one.wrong, one.foreign)
        )
        yield Group(one.direction, one.kind, one.question, one.other, right[0], wrong, foreign)


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


def _abroad(near: Ranking, example: Example, vectors: Floats, passages: Passages) -> list[int]:
    """Give the nearest in the other language that are no translation of the right one."""
    right = passages.places[example.passage]
    kept = (vectors[near] @ vectors[right] < _TRANSLATION) & (
        near != passages.places.get(example.twin)
    )
    return [int(place) for place in near[kept] if not passages.xids[place] & example.xids]


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
