"""Answers written by a real language model, about sample_docs.

    python bench/llm.py --llm models/qwen2.5-3b-instruct-q4_k_m.gguf --questions 10

``--llm`` is a GGUF file, or a model's name at the server of OPENAI_BASE_URL (bench/llm_server.md).
Prints for each question what came of it, then the shares: answered, in the question's language,
with a citation on a right page, claims supported; and the seconds to the first word and to the end.
By hand, never in CI: a figure is of one model on one machine.
"""

import argparse
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from questions import QUESTIONS
from samples import ROOT

from bifolio import Answer, Library, Settings
from bifolio.evaluation import Question, read_questions
from bifolio.evaluation.questions import sample
from bifolio.retrieval import is_chinese


@dataclass(frozen=True)
class Asked:
    """A question, its answer, and after how many seconds the first and the last word came."""

    question: Question
    answer: Answer
    first: float
    last: float

    @property
    def cites_right(self) -> bool:
        """Whether a citation stands on a right page."""
        return any(
            place.holds(cited.document.path, cited.pages)
            for place in self.question.right
            for cited in self.answer.citations
        )


def main() -> None:
    """Ask and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--llm", required=True)
    parser.add_argument("--questions", type=int, help="a sample of so many; default all forty")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings.from_env(given={"llm": options.llm, "library": Path(folder)})
        library = Library.open(folder, settings=settings)
        library.add(ROOT / "sample_docs")
        paths = [entry.path for entry in library.documents()]
        questions = sample(
            read_questions(QUESTIONS, documents=paths, pages=True), options.questions
        )
        done = []
        for question in questions:
            done.append(ask(library, question))
            show(done[-1])
    summary(done)


def ask(library: Library, question: Question) -> Asked:
    """Ask one question, with the clock."""
    began = time.monotonic()
    first = None
    for event in library.stream(question.text, mode="auto"):
        if isinstance(event, str) and first is None:
            first = time.monotonic() - began
    assert isinstance(event, Answer)
    last = time.monotonic() - began
    return Asked(question, event, last if first is None else first, last)


def show(asked: Asked) -> None:
    """Print one question and what came of it."""
    answer = asked.answer
    print(f"\n{asked.question.text}\n  {answer.outcome}, {answer.mode}, {asked.last:.1f} s")
    print(f"  {' '.join(answer.text.split())[:200]}")
    print("  claims:", ", ".join(claim.reason for claim in answer.claims) or "none")


def summary(done: list[Asked]) -> None:
    """Print the shares."""
    answerable = [one for one in done if one.question.answerable]
    written = [one for one in done if one.answer.mode == "llm" and one.answer.outcome == "answered"]
    claims = [claim for one in written for claim in one.answer.claims]
    same = [is_chinese(one.answer.text) == is_chinese(one.question.text) for one in written]
    print(f"\n{len(done)} questions")
    print("answerable ones answered:", share(o.answer.outcome == "answered" for o in answerable))
    print("  that cite a right page:", share(one.cites_right for one in answerable))
    unanswerable = [one for one in done if not one.question.answerable]
    print("unanswerable ones not answered:", share(o.answer.abstained for o in unanswerable))
    print("answers in the question's language:", share(same))
    print("claims supported:", share(claim.supported for claim in claims))
    print("claims that cite:", share(claim.reason != "uncited" for claim in claims))
    if written:
        print(f"seconds to the first word: median {median(one.first for one in written):.1f}")
        print(f"seconds to the last word: median {median(one.last for one in written):.1f}")


def share(flags: object) -> str:
    """Give a share with its counts."""
    listed = list(flags)  # type: ignore[call-overload]
    return f"{sum(listed)} of {len(listed)}"


if __name__ == "__main__":
    main()
