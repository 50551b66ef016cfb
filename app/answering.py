"""A question becomes an answer: search, then quotes or a language model, then citations."""

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import Literal

from bifolio.answer import Answer, Mode, Turn
from bifolio.citing import Markers, cite, with_keys
from bifolio.context import fit
from bifolio.ingest import Message, message
from bifolio.language_model import LanguageModel, LanguageModelError
from bifolio.models import Models
from bifolio.prompts import answer_messages, condense_messages, not_found
from bifolio.quotes import quote
from bifolio.retrieval import Passage, Retrieval, Stopwatch, readable

AskMode = Literal["auto", "quotes", "llm"]
Event = tuple[Passage, ...] | str | Answer

# A model may leave out or add such around the sentence that it was given.
_STOPS = " .。\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answerer:
    """Answers questions from what ``retrieve`` finds for them.

    The passages and the history that a language model gets take at most ``context_tokens``,
    counted as the embedder counts them.
    """

    retrieve: Callable[[str], Retrieval]
    models: Models
    context_tokens: int

    def stream(
        self, question: str, *, history: Sequence[Turn] = (), mode: AskMode = "auto"
    ) -> Iterator[Event]:
        """Yield the passages, then pieces of text, then the finished answer.

        Raises:
            LanguageModelError: ``mode`` is "llm" and the language model cannot answer.
        """
        question = readable(question)
        model = self.models.language_model if mode != "quotes" else None
        if mode == "llm" and model is None:
            sentence = "no language model is set; set BIFOLIO_LLM to a model's name"
            raise LanguageModelError(message("no-language-model", sentence))
        notice = None
        asked = question
        try:
            if model is not None and history:
                asked = "".join(model.stream(condense_messages(question, history))).strip()
        except LanguageModelError as problem:
            if mode == "llm":
                raise
            notice, model = _instead(problem), None
        retrieval = self.retrieve(asked or question)
        draft = _Draft(question, retrieval, notice)
        yield retrieval.passages
        if not retrieval.passages:
            yield not_found(question)
            yield draft.abstained("llm" if model else "quotes", model)
        elif model is None:
            yield from self._quotes(draft)
        else:
            yield from self._generate(draft, model, history, fall_back=mode == "auto")

    def _quotes(self, draft: "_Draft") -> Iterator[Event]:
        text, citations = quote(draft.question, draft.retrieval.passages, self.models.judge)
        yield text
        yield replace(draft.answer("quotes", None), text=text, citations=citations)

    def _generate(
        self, draft: "_Draft", model: LanguageModel, history: Sequence[Turn], *, fall_back: bool
    ) -> Iterator[Event]:
        context = fit(
            draft.retrieval.passages,
            history,
            draft.question,
            count=self.models.count,
            budget=self.context_tokens,
        )
        draft.watch.lap("context", len(context.passages), context.detail)
        keyed = with_keys(context.passages)
        markers = Markers(keyed)
        text, notice = "", draft.notice
        try:
            messages = answer_messages(draft.question, keyed, context.history)
            # Whoever stops listening also ends the model's work.
            with closing(_closable(model.stream(messages))) as reply:
                for piece in markers.replace(reply):
                    text += piece
                    yield piece
        except LanguageModelError as problem:
            if not text and fall_back:
                instead = replace(draft, notice=_instead(problem))
                yield from self._quotes(instead)
                return
            if not text:
                raise
            notice = message(
                "incomplete", "the answer is incomplete: {problem}", problem=problem.message
            )
        text = text.strip()
        if not text.strip(_STOPS) or text.strip(_STOPS) == not_found(draft.question).strip(_STOPS):
            yield replace(draft.abstained("llm", model), notice=notice)
            return
        by_number = {number: keyed[key] for key, number in markers.numbers.items()}
        citations = cite(
            text,
            by_number,
            judge=self.models.judge,
            threshold=draft.retrieval.trace.threshold.value,
        )
        answer = replace(draft.answer("llm", model), text=text, citations=citations)
        yield replace(answer, notice=notice)


def _instead(problem: LanguageModelError) -> Message:
    return message("quotes-instead", "{problem}; these are quotes instead", problem=problem.message)


def _closable(pieces: Iterator[str]) -> Generator[str]:
    """Make a generator of any iterator: closing it closes what it goes over, if that can be."""
    try:
        yield from pieces
    finally:
        if isinstance(pieces, Generator):
            pieces.close()


@dataclass(frozen=True, slots=True)
class _Draft:
    """What every kind of answer to a question has in common."""

    question: str
    retrieval: Retrieval
    notice: Message | None
    watch: Stopwatch = field(default_factory=Stopwatch)

    def answer(self, mode: Mode, model: LanguageModel | None) -> Answer:
        """Give the answer without its text, and with the time that it took."""
        self.watch.lap("answer", len(self.retrieval.passages))
        trace = self.retrieval.trace
        return Answer(
            question=self.question,
            text="",
            citations=(),
            abstained=False,
            mode=mode,
            model=model.name if model else None,
            passages=self.retrieval.passages,
            nearest=self.retrieval.nearest,
            trace=replace(trace, steps=(*trace.steps, *self.watch.steps)),
            notice=self.notice,
        )

    def abstained(self, mode: Mode, model: LanguageModel | None) -> Answer:
        """Give the answer that there is none."""
        answer = self.answer(mode, model)
        nearest = answer.nearest or next(iter(answer.passages), None)
        return replace(answer, abstained=True, text=not_found(self.question), nearest=nearest)
