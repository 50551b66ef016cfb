"""What a library is about: how often is a question of its own, or of another one, told as its own?

    python bench/chance.py --questions 100

Libraries of the development sets and of sample_docs, each asked its own questions and those of a
set about something else, in the question's language. A question is the library's if a chunk is
nearer to it than chance brings one (bifolio/retrieval/chance.py), reranker and threshold unasked.
"""

import argparse
import tempfile
from collections.abc import Sequence
from pathlib import Path

from devsets import DEV, sample
from questions import QUESTIONS
from samples import ROOT

from bifolio import Library, Models, Settings
from bifolio.evaluation import read_contexts, read_questions, whole
from bifolio.retrieval import is_chinese
from bifolio.retrieval.chance import by_chance

# A set, and one that is about something else.
PAIRS = (
    ("d365hr_docs_en", "fairytale_dev_en"),
    ("hfcourse_docs_en", "fairytale_dev_en"),
    ("fairytale_dev_en", "hfcourse_docs_en"),
    ("qamr_dev_en", "d365hr_docs_en"),
    ("d365hr_docs_zh", "cmrc_dev_zh"),
    ("hfcourse_docs_zh", "cmrc_dev_zh"),
    ("cmrc_dev_zh", "d365hr_docs_zh"),
)


def main() -> None:
    """Print a line for each library."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dev", type=Path, default=DEV)
    parser.add_argument("--questions", type=int, default=100, help="of each set")
    parser.add_argument("--models", default="starter")
    options = parser.parse_args()
    models = Models.open(Settings(models=options.models))

    def asked(name: str) -> list[str]:
        rows = sample(options.dev / f"{name}.questions.jsonl.gz", options.questions)
        return [row["question"] for row in rows]

    for own, other in PAIRS:
        with tempfile.TemporaryDirectory() as folder:
            library = Library(folder, models=models)
            contexts = read_contexts(options.dev / f"{own}.contexts.jsonl.gz")
            library.add_chunks([whole(document) for document in contexts])
            told(library, f"{own} ({len(contexts)} texts)", asked(own), asked(other))
    with tempfile.TemporaryDirectory() as folder:
        library = Library(folder, models=models)
        library.add(ROOT / "sample_docs")
        paths = [entry.path for entry in library.documents()]
        forty = read_questions(QUESTIONS, documents=paths, pages=True)
        asked_here = [question.text for question in forty if question.answerable]
        told(library, "sample_docs", asked_here, asked("fairytale_dev_en") + asked("cmrc_dev_zh"))


def told(library: Library, name: str, own: Sequence[str], other: Sequence[str]) -> None:
    """Print the shares of questions that are told as the library's."""
    print(f"{name}: own {share(library, own)}, others' {share(library, other)}", flush=True)


def share(library: Library, questions: Sequence[str]) -> str:
    """Give how many questions have a chunk nearer than chance brings one."""
    with library.store.reading() as reader:
        embedder = library.models.embedder
        vectors = embedder.embed_queries(list(questions))
        best = [max(product for _, product in reader.dense(one, 1)) for one in vectors]
        # It is the same for all questions of a language.
        chance = {is_chinese(one): by_chance(one, embedder, reader) for one in questions}
    near = sum(one > chance[is_chinese(text)] for one, text in zip(best, questions, strict=True))
    return f"{near} of {len(questions)}"


if __name__ == "__main__":
    main()
