"""A question becomes an answer: search, then quotes or a language model, then citations."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from bifolio.answer import Answer, Mode, Turn
from bifolio.citing import Markers, cite, with_keys
from bifolio.language_model import LanguageModel, LanguageModelError
from bifolio.prompts import answer_messages, condense_messages, not_found
from bifolio.quotes import quote
from bifolio.retrieval import Judge, Passage, Retrieval, Stopwatch, fill, readable

AskMode = Literal["auto", "quotes", "llm"]
Event = tuple[Passage, ...] | str | Answer

# A model may leave out or add such around the sentence that it was given.
_STOPS = " .。\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answerer:
    """Answers questions from what ``retrieve`` finds for them.

    The passages that a language model gets take at most ``context_tokens``, counted as the
    judge's embedder counts them.
    """

    retrieve: Callable[[str], Retrieval]
    judge: Judge
    language_model: LanguageModel | None
    context_tokens: int

    def stream(
        self, question: str, *, history: Sequence[Turn] = (), mode: AskMode = "auto"
    ) -> Iterator[Event]:
        """Yield the passages, then pieces of text, then the finished answer.

        Raises:
            LanguageModelError: ``mode`` is "llm" and the language model cannot answer.
        """
        question = readable(question)
        model = self.language_model if mode != "quotes" else None
        if mode == "llm" and model is None:
            raise LanguageModelError("no language model is set; set BIFOLIO_LLM to a model's name")
        notice = ""
        asked = question
        try:
            if model is not None and history:
                asked = "".join(model.stream(condense_messages(question, history))).strip()
        except LanguageModelError as problem:
            if mode == "llm":
                raise
            notice, model = f"{problem}; these are quotes instead", None
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
        text, citations = quote(draft.question, draft.retrieval.passages, self.judge)
        yield text
        yield replace(draft.answer("quotes", None), text=text, citations=citations)

    def _generate(
        self, draft: "_Draft", model: LanguageModel, history: Sequence[Turn], *, fall_back: bool
    ) -> Iterator[Event]:
        passages = draft.retrieval.passages
        lengths = [self.judge.embedder.count(passage.text) for passage in passages]
        keyed = with_keys(fill(passages, lengths, self.context_tokens) or passages[:1])
        markers = Markers(keyed)
        text, notice = "", draft.notice
        try:
            messages = answer_messages(draft.question, keyed, history)
            for piece in markers.replace(model.stream(messages)):
                text += piece
                yield piece
        except LanguageModelError as problem:
            if not text and fall_back:
                instead = replace(draft, notice=f"{problem}; these are quotes instead")
                yield from self._quotes(instead)
                return
            if not text:
                raise
            notice = f"the answer is incomplete: {problem}"
        text = text.strip()
        if not text.strip(_STOPS) or text.strip(_STOPS) == not_found(draft.question).strip(_STOPS):
            yield replace(draft.abstained("llm", model), notice=notice)
            return
        by_number = {number: keyed[key] for key, number in markers.numbers.items()}
        citations = cite(
            text, by_number, judge=self.judge, threshold=draft.retrieval.trace.threshold
        )
        answer = replace(draft.answer("llm", model), text=text, citations=citations)
        yield replace(answer, notice=notice)


@dataclass(frozen=True, slots=True)
class _Draft:
    """What every kind of answer to a question has in common."""

    question: str
    retrieval: Retrieval
    notice: str
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
