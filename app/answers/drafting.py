"""What every kind of answer has in common, and the answers that there is none."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from bifolio.answers.answer import Answer, Mode
from bifolio.answers.outcome import may_answer
from bifolio.answers.prompts import not_certain, not_found
from bifolio.ingest import Message, message
from bifolio.language_model import LanguageModel
from bifolio.retrieval import Passage, Retrieval, Step, Stopwatch, Threshold, Trace

Event = tuple[Passage, ...] | str | Answer

NO_SEARCH = Threshold(
    value=None,
    space=message("no-score", "no score"),
    source=message("no-search", "nothing is searched"),
)


@dataclass(frozen=True, slots=True)
class Draft:
    """A question and what was found; ``asked`` is the question as it was searched."""

    question: str
    asked: str
    retrieval: Retrieval
    notice: Message | None
    watch: Stopwatch = field(default_factory=Stopwatch)

    @property
    def may_answer(self) -> tuple[Passage, ...]:
        """The passages that may answer, whether or not they reached the threshold."""
        return may_answer(self.asked, self.retrieval)

    def answer(self, mode: Mode, model: LanguageModel | None) -> Answer:
        """Give the answer without its text, and with the time that it took."""
        self.watch.lap("answer", len(self.retrieval.passages))
        trace = self.retrieval.trace
        return Answer(
            question=self.question,
            text="",
            citations=(),
            outcome="answered",
            mode=mode,
            model=model.name if model else None,
            passages=self.retrieval.passages,
            near=(),
            trace=replace(trace, steps=(*trace.steps, *self.watch.steps)),
            notice=self.notice,
        )

    def abstained(self, mode: Mode, model: LanguageModel | None) -> Answer:
        """Give the answer that there is none, or none for certain."""
        answer = self.answer(mode, model)
        if self.may_answer:
            text, near = not_certain(self.question), self.may_answer
            return replace(answer, outcome="unsure", text=text, near=near)
        near = self.retrieval.near[:1]
        return replace(answer, outcome="nothing", text=not_found(self.question), near=near)

    def abstention(self, mode: Mode, model: LanguageModel | None) -> Iterator[Event]:
        """Yield the text and the answer that there is none."""
        answer = self.abstained(mode, model)
        yield answer.text
        yield answer


def talked(question: str, reply: str) -> Answer:
    """Give the answer to what is no question: nothing was searched, nothing is claimed."""
    why = message("not-searched", "a greeting or a question about the program: nothing is searched")
    step = Step("not searched", 0, 0.0, why)
    trace = Trace(question=question, steps=(step,), hits=(), threshold=NO_SEARCH, keep=0)
    return Answer(question, reply, (), "answered", "quotes", None, (), (), trace)
