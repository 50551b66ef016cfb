"""A question becomes an answer: search, then quotes or a language model, then citations."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from bifolio.answer import Answer, Mode, Turn
from bifolio.citing import with_keys
from bifolio.claims import check, cite
from bifolio.language_model import EmptyReply, IncompleteReply, LanguageModel, LanguageModelError
from bifolio.prompts import answer_messages, condense_messages, not_found
from bifolio.quotes import quote
from bifolio.replies import Reply
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
                asked = _standalone(question, history, model)
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
        reply = Reply(model.stream(answer_messages(draft.question, keyed, history)), keyed)
        try:
            yield from reply
        except LanguageModelError as problem:
            if not fall_back:
                raise
            instead = replace(draft, notice=f"{problem}; these are quotes instead")
            yield from self._quotes(instead)
            return
        text = reply.text
        notice = f"the answer is incomplete: {reply.trouble}" if reply.trouble else draft.notice
        if not text.strip(_STOPS) or text.strip(_STOPS) == not_found(draft.question).strip(_STOPS):
            yield replace(draft.abstained("llm", model), notice=notice)
            return
        by_number = {number: keyed[key] for key, number in reply.numbers.items()}
        question = draft.question
        claims = check(text, reply.marks, by_number, judge=self.judge, question=question)
        citations = cite(claims, by_number, judge=self.judge)
        answer = replace(draft.answer("llm", model), text=text, citations=citations)
        yield replace(answer, notice=notice)


def _standalone(question: str, history: Sequence[Turn], model: LanguageModel) -> str:
    """Give the question as it would be asked alone; as it is where the model's reply is no use."""
    try:
        return Reply(model.stream(condense_messages(question, history))).whole()
    except (EmptyReply, IncompleteReply):
        return question


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
