"""What can be asked, one library or several: passages, answers, and answers as they come."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Unpack

from bifolio.answers.answer import Answer, Outdated, Turn
from bifolio.answers.answering import Answerer, AskMode
from bifolio.answers.drafting import Event
from bifolio.answers.verifying import Verified, verify
from bifolio.ingest import Document
from bifolio.models import Models
from bifolio.retrieval import DEFAULT_OPTIONS, Passage, Retrieval, SearchChanges, SearchOptions

if TYPE_CHECKING:
    from langchain_core.retrievers import BaseRetriever


class Askable(ABC):
    """Answers from what :meth:`retrieve` finds, by its models.

    The passages and the history that a language model gets take at most ``context_tokens``;
    ``support`` is the score from which a passage supports a sentence.
    """

    models: Models
    context_tokens: int
    support: float

    @abstractmethod
    def retrieve(
        self,
        question: str,
        *,
        options: SearchOptions = DEFAULT_OPTIONS,
        **changes: Unpack[SearchChanges],
    ) -> Retrieval:
        """Search, and tell every decision on the way."""

    @abstractmethod
    def outdated(self, passages: Iterable[Passage]) -> Iterator[Outdated]:
        """Yield the documents of the passages whose file has changed since, or is gone."""

    @abstractmethod
    def sources(self, path: str, library: str = "") -> Sequence[Document]:
        """Give the documents that an answer may mean by a path, and perhaps a library's name."""

    def verify(self, answer: object) -> Verified:
        """Check anybody's answer against the documents: its quotes at their places, its claims.

        ``answer`` has the fields of what ``bifolio ask --json`` prints.

        Raises:
            BifolioError: a field is missing; the message names it.
        """
        judge, support = self.models.judge.remembering(), self.support
        return verify(answer, sources=self.sources, judge=judge, threshold=support)

    def search(
        self,
        question: str,
        *,
        options: SearchOptions = DEFAULT_OPTIONS,
        **changes: Unpack[SearchChanges],
    ) -> list[Passage]:
        """Give the passages that answer the question, best first; none if none passes."""
        return list(self.retrieve(question, options=options, **changes).passages)

    def stream(
        self,
        question: str,
        *,
        history: Sequence[Turn] = (),
        mode: AskMode = "auto",
        options: SearchOptions = DEFAULT_OPTIONS,
        **changes: Unpack[SearchChanges],
    ) -> Iterator[Event]:
        """Yield the passages as a tuple, then pieces of text, then the finished answer.

        ``history`` are the turns before, oldest first. ``mode`` "auto" asks the language model if
        one is set, and quotes the documents otherwise. ``changes`` are fields of
        :class:`SearchOptions`, in place of those of ``options``.

        Raises:
            BifolioError: the question is empty, or the language model failed in mode "llm".
        """
        options = replace(options, **changes)
        answerer = Answerer(
            retrieve=lambda asked: self.retrieve(asked, options=options),
            models=self.models,
            judge=self.models.judge.remembering(),
            context_tokens=self.context_tokens,
            support=self.support,
        )
        for event in answerer.stream(question, history=history, mode=mode):
            yield self._marked(event) if isinstance(event, Answer) else event

    def _marked(self, answer: Answer) -> Answer:
        """Tell which documents that an answer shows are out of date."""
        sides = [side for found in answer.disagreements for side in (found.one, found.other)]
        shown = [one.passage for one in (*answer.citations, *sides)]
        shown += answer.near
        return replace(answer, outdated=tuple(self.outdated(shown)))

    def ask(
        self,
        question: str,
        *,
        history: Sequence[Turn] = (),
        mode: AskMode = "auto",
        options: SearchOptions = DEFAULT_OPTIONS,
        **changes: Unpack[SearchChanges],
    ) -> Answer:
        """Answer the question from the documents; the options are those of :meth:`stream`."""
        *_, answer = self.stream(question, history=history, mode=mode, options=options, **changes)
        assert isinstance(answer, Answer)  # noqa: S101 - a stream ends with its answer
        return answer

    def as_retriever(
        self, *, options: SearchOptions = DEFAULT_OPTIONS, **changes: Unpack[SearchChanges]
    ) -> "BaseRetriever":
        """Give a LangChain retriever of the passages."""
        from bifolio.langchain import BifolioRetriever

        return BifolioRetriever(library=self, options=replace(options, **changes))
