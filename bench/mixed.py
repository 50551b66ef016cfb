"""One library in two languages: is the answer found when it stands in the other one?

    python bench/mixed.py --questions 40

Every other text of a development set that stands in both languages is in English alone, the rest in
Chinese alone; all are asked for in both. Prints hit@1, hit@10, hit@50 and hit@100 of the recall,
and hit@1 and hit@10 of the reranker (without --no-rerank), by the language of the question and of
the answer. Pools of one language hide what this shows: that words and vectors prefer their own
language.
"""

import argparse
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from devsets import DEV, sample

from bifolio import Library, Models, Settings
from bifolio.evaluation import read_contexts, whole
from bifolio.evaluation.measures import DEPTH, hit
from bifolio.retrieval import Hit

POOLS = ("hfcourse", "d365hr")
LANGUAGES = ("en", "zh")
DEPTHS = (1, DEPTH, 50, 100)


@dataclass(frozen=True)
class Asked:
    """A question, in one language, and its candidates before and after the reranker."""

    asked: str
    answered: str
    right: str  # the path of the context that answers
    recalled: tuple[Hit, ...]
    reranked: tuple[Hit, ...]


def main() -> None:
    """Print the table of each pool."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dev", type=Path, default=DEV)
    parser.add_argument("--pools", nargs="+", default=POOLS)
    parser.add_argument("--questions", type=int, default=40, help="of each language")
    parser.add_argument("--recall", type=int, default=100)
    parser.add_argument("--models", default="starter")
    parser.add_argument("--no-rerank", dest="rerank", action="store_false")
    options = parser.parse_args()
    models = Models.open(Settings(models=options.models))
    for pool in options.pools:
        done = list(ask(pool, models, options))
        print(f"{pool}: hit@{' / '.join(map(str, DEPTHS))}, question and answer")
        for asked in LANGUAGES:
            for answered in LANGUAGES:
                own = [one for one in done if (one.asked, one.answered) == (asked, answered)]
                told = f"  {asked}, {answered} ({len(own):3})  "
                told += f"recalled {rates(own, 'recalled', DEPTHS)}"
                if options.rerank:
                    told += f"   reranked {rates(own, 'reranked', DEPTHS[:2])}"
                print(told, flush=True)


def ask(pool: str, models: Models, options: argparse.Namespace) -> Iterator[Asked]:
    """Ask a pool's questions in both languages."""
    dev, depth = options.dev, options.recall
    both = [read_contexts(dev / f"{pool}_docs_{lang}.contexts.jsonl.gz") for lang in LANGUAGES]
    places = {document.path: place for place, document in enumerate(both[0])}
    chosen = [both[place % 2][place] for place in range(len(places))]
    with tempfile.TemporaryDirectory() as folder:
        library = Library(folder, models=models)
        library.add_chunks([whole(document) for document in chosen])
        for asked in LANGUAGES:
            for row in sample(dev / f"{pool}_docs_{asked}.questions.jsonl.gz", options.questions):
                right = row["context_id"]
                answered = LANGUAGES[places[right] % 2]
                found = [
                    library.retrieve(row["question"], recall=depth, rerank=rerank).trace.hits
                    for rerank in ((False, True) if options.rerank else (False,))
                ]
                yield Asked(asked, answered, right, found[0], found[-1])


def rates(done: Sequence[Asked], stage: str, depths: Sequence[int]) -> str:
    """Give the shares of questions whose right context is among the best."""
    marked = [[found.span.path == one.right for found in getattr(one, stage)] for one in done]
    return " / ".join(
        f"{sum(hit(flags, depth) for flags in marked) / max(1, len(marked)):.3f}"
        for depth in depths
    )


if __name__ == "__main__":
    main()
