"""Planted false sentences caught, and true ones wrongly marked, by kind and language.

    python bench/citations.py --dev ../shared/data/dev --sentences 150 [--judge] [--show 3]
    python bench/citations.py --dev ../shared/data/dev --sentences 20 --find [--show 3]
    python bench/citations.py --rows [--judge]

Sentences of sample_docs and of the development sets are made false (a number, a unit or a date
changed, a "not" lost or added, parties swapped, an opposite, another's name, a detail of elsewhere,
a sentence of another passage) or reworded, and checked against their passage; those of the sets
that have both languages also against its translation (zh<en: a Chinese sentence, an English
passage; the half that bench/support.py does not fit on). Without --judge by the guards alone,
which do not see a sentence of another passage; with it as an answer's claims are, by guards and
the models of --models.

With --find the sentences cite nothing and stand among eight passages: of true ones the share for
which the right passage is found, of false ones the share that is given a citation all the same.

With --rows they are made of cells of the tables of sample_docs, beside the table and what is near;
without --judge by the guard for rows alone.
"""

import argparse
import json
import random
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path

from across import Across, across
from devsets import DEV, rows
from finding import finds, uncited
from planted import Planted, faults, planted
from planted_rows import measured_rows
from samples import documents

from bifolio import Library, Passage, Settings
from bifolio.answers.claims import Statement, check_claim
from bifolio.answers.guards import findings, said
from bifolio.ingest import Chunk, Document, Page, split
from bifolio.ingest.sentences import sentence_spans
from bifolio.models import Models
from bifolio.retrieval import is_chinese

SETS = (
    "qamr_dev_en",
    "fairytale_dev_en",
    "cmrc_dev_zh",
    *(f"{name}_docs_{spoken}" for name in ("d365hr", "hfcourse") for spoken in ("en", "zh")),
)
_SHORTEST, _LONGEST = 10, 300
Marks = Callable[[Planted], bool]


def main() -> None:
    """Plant, check and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dev", type=Path, default=DEV)
    parser.add_argument("--sentences", type=int, default=150, help="of each set")
    parser.add_argument("--judge", action="store_true", help="ask the reranker too")
    parser.add_argument("--find", action="store_true", help="find citations instead")
    parser.add_argument("--rows", action="store_true", help="sentences about cells of tables")
    parser.add_argument("--models", default="starter")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--show", type=int, default=0, help="so many mistakes of each kind")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    chance = random.Random(options.seed)
    if options.rows:
        models = Models.open(Settings(models=options.models)) if options.judge else None
        told = measured_rows(list(documents()), models, chance)
    elif options.find:
        judge = Models.open(Settings(models=options.models)).judge
        told = finds(uncited(options.dev, options.sentences, chance), judge, show=options.show)
    else:
        everything = list(plants(options.dev, options.sentences, chance))
        with tempfile.TemporaryDirectory() as folder:
            marks = _by_judge(Path(folder), options.models) if options.judge else _by_guards
            told = measured(everything, marks, show=options.show)
    if options.json:
        print(json.dumps(told))
        return
    print(f"{'kind':28}{'language':10}{'sentences':>10}{'found' if options.find else 'marked':>9}")
    for name, (count, share) in told.items():
        kind, language = name.rsplit(" ", 1)
        print(f"{kind:28}{language:10}{count:>10}{share:>9.3f}")


def plants(folder: Path, count: int, chance: random.Random) -> Iterator[Planted]:
    """Plant in so many sentences of each set."""
    for texts in (_samples(), *(_contexts(folder, name) for name in SETS)):
        pairs = [
            (text[start:end], text)
            for text in texts
            for start, end in sentence_spans(text, 0, len(text))
            if _SHORTEST <= end - start <= _LONGEST and text[start:end][-1:] in ".。!！"
        ]
        drawn = chance.sample(pairs, min(count, len(pairs)))
        for sentence, passage in drawn:
            other = chance.choice(pairs)
            if other[1] != passage and other[0] not in passage:
                yield from planted(sentence, passage, other[0], chance)
    yield from _across(folder, count, chance)


def _across(folder: Path, count: int, chance: random.Random) -> Iterator[Planted]:
    """Plant in sentences beside their translation; those that lines were fitted on are left out."""
    groups: dict[tuple[str, bool], list[Across]] = defaultdict(list)
    for one in across(folder):
        if one.half == 1:
            groups[one.source, is_chinese(one.sentence)].append(one)
    for _, some in sorted(groups.items()):
        for one in chance.sample(some, min(count, len(some))):
            other = chance.choice(some)
            yield Planted(one.sentence, one.passage, "translation", true=True)
            yield Planted(one.sentence, one.near, "next passage", true=False)
            yield Planted(one.sentence, other.passage, "other passage", true=False)
            yield from faults(one.sentence, one.passage, other.sentence, chance)


def measured(everything: list[Planted], marks: Marks, *, show: int) -> dict[str, tuple[int, float]]:
    """Give for each kind and language how many there are and the share that is marked."""
    marked: dict[str, list[bool]] = defaultdict(list)
    shown: dict[str, int] = defaultdict(int)
    for one in everything:
        is_marked = marks(one)
        sort = "true" if one.true else "false"
        for name in (f"{sort}: {one.kind} {one.language}", f"{sort}: all {one.language}"):
            marked[name].append(is_marked)
        if is_marked == one.true and shown[one.kind] < show:
            shown[one.kind] += 1
            why = [said(finding) for finding in findings(one.text, one.passage)]
            print(f"{sort} {one.kind}: {one.text}\n   {why} {one.passage[:300]!r}")
    return {name: (len(all_), sum(all_) / len(all_)) for name, all_ in sorted(marked.items())}


def _by_guards(one: Planted) -> bool:
    return bool(findings(one.text, one.passage))


def _by_judge(folder: Path, models: str) -> Marks:
    library = Library.open(folder, settings=Settings(models=models))

    def marks(one: Planted) -> bool:
        page = Page(1, 0, len(one.passage))
        document = Document("x", "x", "", one.passage, (page,))
        passage = Passage((Chunk(document, 0, len(one.passage)),), 1.0)
        claim = Statement(one.text, 0, len(one.text), (1,))
        return not check_claim(claim, [passage], judge=library.models.judge).supported

    return marks


def _samples() -> list[str]:
    return [
        chunk.text
        for document in documents()
        for chunk in split(document, length=lambda text: len(text) // 3)
    ]


def _contexts(folder: Path, name: str) -> list[str]:
    path = folder / f"{name}.contexts.jsonl.gz"
    return [row["text"] for row in rows(path)] if path.exists() else []


if __name__ == "__main__":
    main()
