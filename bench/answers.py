"""Answers about sample_docs: quoted, or written by a real language model.

    python bench/answers.py
    python bench/answers.py --llm models/qwen2.5-3b-instruct-q4_k_m.gguf --questions 10

``--llm`` is a GGUF file, or a model's name at the server of OPENAI_BASE_URL (bench/llm_server.md).
Prints for each question what came of it, then the shares: outcomes, citations on a right page and
passages shown as unsure from one by the questions' languages, and of a model's answers the
language, the claims and the seconds to the first word and to the end; and the most memory that the
process held.
By hand, never in CI: with --llm a figure is of one model on one machine.
"""

import argparse
import tempfile
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from programs import peak_mb
from questions import QUESTIONS
from samples import ROOT

from bifolio import Answer, Library, Settings
from bifolio.answers.languages import spoken
from bifolio.evaluation import Question, read_questions
from bifolio.evaluation.questions import sample


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

    @property
    def begins_right(self) -> bool:
        """Whether the first that it cites, or shows as unsure where it cites none, is right."""
        answer = self.answer
        first = [(cited.document.path, cited.pages) for cited in answer.citations]
        first += [(passage.document.path, passage.pages) for passage in answer.shown]
        return any(place.holds(*one) for one in first[:1] for place in self.question.right)

    @property
    def shows_right(self) -> bool:
        """Whether it cites a right page, or shows a passage of one as unsure."""
        return self.cites_right or any(
            place.holds(passage.document.path, passage.pages)
            for place in self.question.right
            for passage in self.answer.shown
        )


def main() -> None:
    """Ask and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--llm", default="", help="default: answers of quotes alone")
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
        if isinstance(event, str) and event and first is None:
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
    unanswerable = [one for one in done if not one.question.answerable]
    print(f"\n{len(done)} questions")
    print("answerable ones:", outcomes(answerable))
    print("unanswerable ones:", outcomes(unanswerable))
    for direction in dict.fromkeys(one.question.direction for one in answerable):
        some = [one for one in answerable if one.question.direction == direction]
        cited = share(one.cites_right for one in some)
        shown = share(one.shows_right for one in some)
        first = share(one.begins_right for one in some)
        told = f"cite or show one: {shown}, and first: {first}"
        print(f"  that cite a right page, {direction}: {cited}; {told}")
    given = [one for one in done if one.answer.outcome == "answered"]
    print("answered ones that cite a right page:", share(one.cites_right for one in given))
    written = [one for one in done if one.answer.mode == "llm" and one.answer.outcome == "answered"]
    if written:
        same = [spoken(one.answer.text) == spoken(one.question.text) for one in written]
        claims = [claim for one in written for claim in one.answer.claims]
        print("answers in the question's language:", share(same))
        print("claims supported:", share(claim.supported for claim in claims))
        own = share(claim.reason not in ("uncited", "found") for claim in claims)
        print("claims cited by the model:", own)
        found = share(claim.reason == "found" for claim in claims)
        print("claims whose citation was found:", found)
        print(f"seconds to the first word: median {median(one.first for one in written):.1f}")
        print(f"seconds to the last word: median {median(one.last for one in written):.1f}")
    print(f"most memory held: {peak_mb() / 1024:.1f} GiB")


def outcomes(asked: list[Asked]) -> str:
    """Give how many there are of each outcome."""
    counts = Counter(one.answer.outcome for one in asked)
    return f"{len(asked)}: " + ", ".join(f"{count} {name}" for name, count in counts.items())


def share(flags: Iterable[bool]) -> str:
    """Give a share with its counts."""
    listed = list(flags)
    return f"{sum(listed)} of {len(listed)}"


if __name__ == "__main__":
    main()
