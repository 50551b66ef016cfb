"""One library in two languages: is the answer found when it stands in the other one?

    python bench/mixed.py --questions 40

Every other text of a development set that stands in both languages is in English alone, the rest in
Chinese alone; all are asked for in both. Prints hit@1 and hit@10 of the recall and of the reranker,
by the language of the question and of the answer. Pools of one language hide what this shows: that
words and vectors prefer their own language.
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
    parser.add_argument("--recall", type=int, default=50)
    parser.add_argument("--models", default="starter")
    options = parser.parse_args()
    models = Models.open(Settings(models=options.models))
    for pool in options.pools:
        done = list(ask(pool, options.dev, models, options.questions, options.recall))
        print(f"{pool}: hit@1 / hit@{DEPTH}, question and answer")
        for asked in LANGUAGES:
            for answered in LANGUAGES:
                own = [one for one in done if (one.asked, one.answered) == (asked, answered)]
                shares = [
                    f"{stage} {rate(own, stage, 1):.3f} / {rate(own, stage, DEPTH):.3f}"
                    for stage in ("recalled", "reranked")
                ]
                print(f"  {asked}, {answered} ({len(own):3})  {'   '.join(shares)}")


def ask(pool: str, dev: Path, models: Models, questions: int, recall: int) -> Iterator[Asked]:
    """Ask a pool's questions in both languages."""
    both = [read_contexts(dev / f"{pool}_docs_{lang}.contexts.jsonl.gz") for lang in LANGUAGES]
    places = {document.path: place for place, document in enumerate(both[0])}
    chosen = [both[place % 2][place] for place in range(len(places))]
    with tempfile.TemporaryDirectory() as folder:
        library = Library(folder, models=models)
        library.add_chunks([whole(document) for document in chosen])
        for asked in LANGUAGES:
            for row in sample(dev / f"{pool}_docs_{asked}.questions.jsonl.gz", questions):
                right = row["context_id"]
                answered = LANGUAGES[places[right] % 2]
                found = [
                    library.retrieve(row["question"], recall=recall, rerank=rerank).trace.hits
                    for rerank in (False, True)
                ]
                yield Asked(asked, answered, right, *found)


def rate(done: Sequence[Asked], stage: str, depth: int) -> float:
    """Give the share of questions whose right context is among the best."""
    marked = [
        [found.span.path == one.right for found in getattr(one, stage)[:DEPTH]] for one in done
    ]
    return sum(hit(flags, depth) for flags in marked) / max(1, len(marked))


if __name__ == "__main__":
    main()
