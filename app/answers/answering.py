"""A question becomes an answer: search, then quotes or a language model, then citations."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from bifolio.answers.answer import Answer, Citation, Turn
from bifolio.answers.asking import may_answer_by
from bifolio.answers.citing import with_keys
from bifolio.answers.claims import statements
from bifolio.answers.context import fit
from bifolio.answers.disagreeing import Disagreement, Side, disagreements
from bifolio.answers.drafting import Draft, Event, talked
from bifolio.answers.following import with_subject
from bifolio.answers.idle import says_no_answer
from bifolio.answers.languages import ALL
from bifolio.answers.prompts import answer_messages, condense_messages, not_certain
from bifolio.answers.proving import prove
from bifolio.answers.quotes import likely_sentences, quote
from bifolio.answers.replies import Reply
from bifolio.answers.small_talk import small_talk
from bifolio.ingest import Message, message
from bifolio.language_model import (
    ContextExceeded,
    EmptyReply,
    IncompleteReply,
    LanguageModel,
    LanguageModelError,
)
from bifolio.models import Models
from bifolio.retrieval import Judge, Passage, Retrieval, Stopwatch, missing_codes, readable
from bifolio.settings import SUPPORT

AskMode = Literal["auto", "quotes", "llm"]

_BELOW = message(
    "from-below",
    "no passage reached the threshold; this rests on the nearest ones, each sentence checked",
)
# A model may leave out or add such around the sentence that it was given.
_AROUND = " .。\n*_\"'“”‘’`"
# Of a model's window, for the rules and the reply; tokens.
_RESERVED = 1500
# Of the budget, where the messages were too long.
_LESS = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Answerer:
    """Answers a question from what ``retrieve`` finds for it, its sentences judged by ``judge``.

    The passages and the history that a language model gets take at most ``context_tokens``,
    counted as the embedder counts them. ``support`` is the score from which a passage supports a
    sentence.
    """

    retrieve: Callable[[str], Retrieval]
    models: Models
    judge: Judge
    context_tokens: int
    support: float = SUPPORT

    def stream(
        self, question: str, *, history: Sequence[Turn] = (), mode: AskMode = "auto"
    ) -> Iterator[Event]:
        """Yield the passages, then pieces of text, then the finished answer.

        Raises:
            LanguageModelError: ``mode`` is "llm" and the language model cannot answer.
        """
        for event in self._answer(readable(question), history, mode):
            yield self._pointing(event) if isinstance(event, Answer) else event

    def _pointing(self, answer: Answer) -> Answer:
        """Give an answer with the sentences that its reader may look at first."""
        if not answer.shown:
            return answer
        watch = Stopwatch()
        likely = likely_sentences(
            answer.trace.question, answer.shown, self.judge, asked=answer.question
        )
        pointed = tuple(Side(one.passage, one.start, one.end) for one in likely)
        watch.lap("pointed", len(pointed))
        steps = (*answer.trace.steps, *watch.steps)
        return replace(answer, pointed=pointed, trace=replace(answer.trace, steps=steps))

    def _answer(self, question: str, history: Sequence[Turn], mode: AskMode) -> Iterator[Event]:
        if reply := small_talk(question):
            yield ()
            yield reply
            yield talked(question, reply)
            return
        model = self.models.language_model if mode != "quotes" else None
        if mode == "llm" and model is None:
            sentence = "no language model is set; set BIFOLIO_LLM to a model's name"
            raise LanguageModelError(message("no-language-model", sentence))
        notice = None
        asked = question
        try:
            if history:
                asked = _standalone(question, history, model)
        except LanguageModelError as problem:
            if mode == "llm":
                raise
            notice, model = _instead(problem), None
            asked = with_subject(question, history)
        retrieval = self.retrieve(asked)
        missing = _missing(asked, retrieval)
        draft = Draft(question, asked, retrieval, notice or missing)
        below = model is not None and not retrieval.passages and not missing
        yield draft.may_answer if below else retrieval.passages
        if missing or not (retrieval.passages or (below and draft.may_answer)):
            yield from draft.abstention("llm" if model else "quotes", model)
        elif model is None:
            yield from self._quotes(draft)
        else:
            write = self._proved if below else self._generate
            yield from write(draft, model, history, fall_back=mode == "auto")

    def _proved(
        self, draft: Draft, model: LanguageModel, history: Sequence[Turn], *, fall_back: bool
    ) -> Iterator[Event]:
        """Ask the model about what is below the threshold; say it where a sentence proves true.

        A true sentence that holds nothing of the kind that was asked for is no answer.

        Meanwhile empty pieces are given, so that it can be stopped.
        """
        below = replace(draft.retrieval, passages=draft.may_answer, near=())
        notice = draft.notice or _BELOW
        try:
            for event in self._generate(
                replace(draft, retrieval=below, notice=notice), model, history, fall_back=False
            ):
                if not isinstance(event, Answer):
                    yield ""
        except LanguageModelError as problem:
            if not fall_back:
                raise
            yield from replace(draft, notice=problem.message).abstention("quotes", None)
            return
        assert isinstance(event, Answer)  # noqa: S101 - a stream ends with its answer
        if any(
            claim.supported and may_answer_by(claim.text, draft.asked) for claim in event.claims
        ):
            yield event.text
            yield event
        else:
            yield from draft.abstention("llm", model)

    def _quotes(self, draft: Draft) -> Iterator[Event]:
        text, citations = quote(
            draft.asked, draft.retrieval.passages, self.judge, asked=draft.question
        )
        if draft.retrieval.is_sure:
            answer = draft.answer("quotes", None)
        else:
            draft.watch.lap("quotes", len(citations), _not_sure(draft.retrieval))
            text = f"{not_certain(draft.question)}\n\n{text}"
            # What the quotes are from is shown with them.
            quoted = [cited.passage for cited in citations]
            near = tuple(one for one in draft.may_answer if not _overlaps(one, quoted))
            answer = replace(draft.answer("quotes", None), outcome="unsure", near=near)
        yield text
        against = _disagreements(citations, draft)
        yield replace(answer, text=text, citations=citations, disagreements=against)

    def _generate(
        self, draft: Draft, model: LanguageModel, history: Sequence[Turn], *, fall_back: bool
    ) -> Iterator[Event]:
        try:
            try:
                asked = self._ask(draft, model, history, share=1.0)
                yield from asked.reply
            except ContextExceeded:
                # Our count of tokens is the embedder's: the model's own may be larger.
                asked = self._ask(draft, model, history, share=_LESS)
                yield from asked.reply
        except LanguageModelError as problem:
            if not fall_back:
                raise
            yield from self._quotes(replace(draft, notice=_instead(problem)))
            return
        notice = _incomplete(asked.reply.trouble) if asked.reply.trouble else None
        draft = replace(draft, notice=notice or draft.notice or asked.short)
        if _says_nothing(asked.reply):
            yield draft.abstained("llm", model)
            return
        yield self._written(draft, asked, model)

    def _ask(
        self, draft: Draft, model: LanguageModel, history: Sequence[Turn], *, share: float
    ) -> "_Asked":
        """Ask the model with a share of the budget."""
        # Models of other makers need not tell it.
        window = getattr(model, "window", None)
        room = self.context_tokens if window is None else max(1, window - _RESERVED)
        context = fit(
            draft.retrieval.passages,
            history,
            draft.question,
            count=self.models.count,
            budget=int(min(self.context_tokens, room) * share),
        )
        draft.watch.lap("context", len(context.passages), context.detail)
        keyed = with_keys(context.passages)
        messages = answer_messages(draft.question, keyed, context.history)
        return _Asked(Reply(model.stream(messages), keyed), keyed, context.short)

    def _written(self, draft: Draft, asked: "_Asked", model: LanguageModel) -> Answer:
        """Give the answer that a reply is, each of its sentences checked."""
        reply, keyed = asked.reply, asked.keyed
        cited = {number: keyed[key] for key, number in reply.numbers.items()}
        proved = prove(
            reply.text,
            reply.marks,
            cited,
            tuple(keyed.values()),
            judge=self.judge,
            question=draft.question,
            threshold=self.support,
        )
        return replace(
            draft.answer("llm", model),
            text=proved.text,
            citations=proved.citations,
            claims=proved.claims,
            marks=proved.marks,
            disagreements=_disagreements(proved.citations, draft),
        )


def _disagreements(citations: Sequence[Citation], draft: Draft) -> tuple[Disagreement, ...]:
    cited = [Side(one.passage, one.start, one.end) for one in citations]
    return disagreements(cited, draft.retrieval.passages)


def _overlaps(one: Passage, others: Sequence[Passage]) -> bool:
    return any(
        (one.library, one.document.path) == (other.library, other.document.path)
        and one.start < other.end
        and other.start < one.end
        for other in others
    )


def _missing(question: str, retrieval: Retrieval) -> Message | None:
    """Tell that a code of the question stands nowhere: what is said of others is no answer."""
    found = "\n".join(hit.span.searched for hit in retrieval.trace.hits)
    codes = missing_codes(question, found)
    if not codes:
        return None
    return message("missing-codes", "{codes} stands in no passage", codes=", ".join(codes))


def _not_sure(retrieval: Retrieval) -> Message:
    return message(
        "not-sure",
        "the best passage scores {score:.2f}; from {sure:g} on its quotes are taken for an answer",
        score=max(passage.score for passage in retrieval.passages),
        sure=retrieval.trace.threshold.sure,
    )


def _instead(problem: LanguageModelError) -> Message:
    return message("quotes-instead", "{problem}; these are quotes instead", problem=problem.message)


def _incomplete(problem: LanguageModelError) -> Message:
    return message("incomplete", "the answer is incomplete: {problem}", problem=problem.message)


def _says_nothing(reply: Reply) -> bool:
    """Tell whether a reply is the sentence that it was given for it, or says the same in its own.

    What cites a passage says something.
    """
    said = reply.text.strip(_AROUND)
    if not said or said in {one.not_found.strip(_AROUND) for one in ALL}:
        return True
    claims = statements(reply.text, reply.marks)
    if not claims:
        return any(one.not_found in reply.text for one in ALL)
    return all(not one.markers and says_no_answer(one.text) for one in claims)


def _standalone(question: str, history: Sequence[Turn], model: LanguageModel | None) -> str:
    """Give the question as it would be asked alone, by rule where no model's reply is of use."""
    try:
        if model is not None:
            return Reply(model.stream(condense_messages(question, history))).whole()
    except (EmptyReply, IncompleteReply):
        pass
    return with_subject(question, history)


@dataclass(frozen=True, slots=True)
class _Asked:
    """A reply that is to be read, the passages by key, and that many of them did not fit."""

    reply: Reply
    keyed: Mapping[str, Passage]
    short: Message | None
