"""Sentences written by hand beside a passage, true in other words or false by little, by languages.

    python bench/paraphrases.py [--show] [--lists 3]

``paraphrases.tsv`` holds passages in both languages, and for each of them true sentences (+) and
false ones (-) in both, with what they try: parties, comparisons, ways, an order in time, a "not",
duty, shares, numbers, other particulars. Each sentence stands beside both passages; some of either
are in one language alone. ``marked`` is the share that is not supported. List 1 was mended from;
the others were each judged once before anything was mended from them.
"""

import argparse
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bifolio import Passage, Settings
from bifolio.answers.claims import Statement, check_claim
from bifolio.ingest import Chunk, Document, Page
from bifolio.models import Models

_FILE = Path(__file__).with_suffix(".tsv")
_SPOKEN = ("en", "zh", "en<zh", "zh<en")


@dataclass(frozen=True)
class Written:
    """A sentence beside a passage; ``languages`` is "en<zh" for an English one about Chinese."""

    kind: str
    text: str
    passage: str
    languages: str
    true: bool


def main() -> None:
    """Judge and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lists", default="123456789")
    parser.add_argument("--models", default="starter")
    parser.add_argument("--show", action="store_true", help="every mistake")
    options = parser.parse_args()
    judge = Models.open(Settings(models=options.models)).judge
    marked: dict[tuple[bool, str, str], list[bool]] = defaultdict(list)
    for one in written(options.lists):
        said = Statement(one.text, 0, len(one.text), (1,))
        claim = check_claim(said, [_passage(one.passage)], judge=judge)
        for kind in ("all", one.kind):
            marked[one.true, kind, one.languages].append(not claim.supported)
        if options.show and claim.supported != one.true:
            print(f"{one.true} {one.kind} {one.languages}: {one.text} ({claim.reason})")
    print(f"{'marked':18}" + "".join(f"{spoken:>14}" for spoken in _SPOKEN))
    for true, kind in sorted({(true, kind) for true, kind, _ in marked}):
        cells = (marked[true, kind, spoken] for spoken in _SPOKEN)
        shares = "".join(f"{sum(some) / len(some):8.3f} ({len(some):3})" for some in cells if some)
        print(f"{'true' if true else 'false'}: {kind:12}{shares}")


def written(lists: str) -> Iterator[Written]:
    """Yield each sentence of the lists beside both passages."""
    place, passages = "", {"en": "", "zh": ""}
    for line in _FILE.read_text(encoding="utf-8").splitlines():
        sign, *cells = line.split("\t")
        if sign == "L":
            place = cells[0]
        elif place not in lists:
            continue
        elif sign == "P":
            passages = dict(zip(("en", "zh"), cells, strict=True))
        else:
            kind, *texts = cells
            for mine, text in zip(("en", "zh"), texts, strict=True):
                for theirs, passage in passages.items():
                    spoken = mine if mine == theirs else f"{mine}<{theirs}"
                    if text and passage:
                        yield Written(kind, text, passage, spoken, sign == "+")


def _passage(text: str) -> Passage:
    document = Document("x", "x", "", text, (Page(1, 0, len(text)),))
    return Passage((Chunk(document, 0, len(text)),), 1.0)


if __name__ == "__main__":
    main()
