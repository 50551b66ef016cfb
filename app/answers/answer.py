"""Answer and citation: every citation is a span of a document that anyone can check."""

from dataclasses import dataclass
from typing import Literal

from bifolio.answers.citing import Mark
from bifolio.answers.disagreeing import Disagreement, Side
from bifolio.answers.guards import Finding
from bifolio.answers.outcome import Outcome
from bifolio.answers.quoted import Quoted
from bifolio.ingest import Message
from bifolio.retrieval import Passage, Trace

Mode = Literal["quotes", "llm"]
Reason = Literal[
    "stated", "likely", "found", "uncited", "unchecked", "unlikely", "contradicted", "misquoted"
]


@dataclass(frozen=True, slots=True)
class Citation(Quoted):
    """The words that an answer rests on: ``document.text[start:end]``.

    ``marker`` is the number that stands in brackets in the answer. ``score``, between 0 and 1, is
    in quotes mode the geometric mean of what speaks for the quote and its passage's score, in llm
    mode the passage's for the sentence that cites it. ``supported`` is False where that sentence
    finds no support. With ``found`` its author gave none: the program found it for a sentence that
    bore no citation, and wrote the marker; its ``score`` is then how well it supports the sentence.
    """

    marker: int
    passage: Passage
    start: int
    end: int
    score: float
    supported: bool = True
    found: bool = False


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence of an answer: ``answer.text[start:end]``; ``text`` is it without its markers.

    ``reason`` says why it is supported ("stated": its words stand in a passage that it cites;
    "likely": the judge finds it there; "found": it bore no citation, and the program found one) or
    not ("uncited": and none was found; "unchecked": it may be in a passage of the other language,
    the judge cannot tell; "unlikely": the judge does not find it, or not the detail in
    ``findings``; "contradicted": ``findings`` tell what the passages say otherwise; "misquoted":
    the words cited are in no document of the library). ``score`` is the judge's best for a passage
    cited, between 0 and 1; None where it was not asked.
    """

    text: str
    start: int
    end: int
    markers: tuple[int, ...]
    supported: bool
    reason: Reason
    findings: tuple[Finding, ...] = ()
    score: float | None = None


@dataclass(frozen=True, slots=True)
class Turn:
    """One question and its answer, earlier in a conversation."""

    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class Outdated:
    """A document that an answer shows, and why its file no longer says the same."""

    library: str
    path: str
    reason: Message


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to a question.

    ``text`` holds markers such as [1], one for each citation; those of citations that were found
    are in it alone, and not in what was streamed. Its ``outcome`` is "answered";
    "unsure" where passages may answer, which are ``shown`` without a claim, what passed the
    threshold as quotes behind the first paragraph of the text; or "nothing". In the last two it has
    ``abstained``: its text says so, and ``near`` is what came closest beside the quotes;
    ``pointed`` is of each passage ``shown`` the sentence that looks most like an answer.
    ``notice`` tells of trouble on the way. ``claims``
    are the sentences that a language model wrote, each checked by itself; ``marks`` are the places
    of the markers in its text: what merely looks like one is text. ``disagreements`` are
    sentences of two passages that cannot both hold, one of them cited. ``outdated`` are those
    documents among what it shows whose file has changed since, or is gone.
    """

    question: str
    text: str
    citations: tuple[Citation, ...]
    outcome: Outcome
    mode: Mode
    model: str | None
    passages: tuple[Passage, ...]
    near: tuple[Passage, ...]
    trace: Trace
    notice: Message | None = None
    claims: tuple[Claim, ...] = ()
    marks: tuple[Mark, ...] = ()
    disagreements: tuple[Disagreement, ...] = ()
    outdated: tuple[Outdated, ...] = ()
    pointed: tuple[Side, ...] = ()

    @property
    def abstained(self) -> bool:
        """Whether it makes no claim: nothing was found, or nothing certain."""
        return self.outcome != "answered"

    @property
    def shown(self) -> tuple[Passage, ...]:
        """The passages that may answer, best first, where it is not sure."""
        return self.near if self.outcome == "unsure" else ()

    @property
    def nearest(self) -> Passage | None:
        """The best of the passages that came closest, if it abstained and there are any."""
        return next(iter(self.near), None)

    def why_outdated(self, span: Quoted | Passage) -> Message | None:
        """Tell why the document of what it shows is out of date, if it is."""
        place = (span.library, span.document.path)
        found = (one.reason for one in self.outdated if (one.library, one.path) == place)
        return next(found, None)
