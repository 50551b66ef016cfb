"""An answer is a list of claims: sentences, each with its citations, supported or not, and why."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from bifolio.answers.answer import Citation, Claim
from bifolio.answers.citing import Mark
from bifolio.answers.details import added
from bifolio.answers.guards import Finding, findings
from bifolio.answers.idle import keeps_company
from bifolio.answers.languages import ALL
from bifolio.answers.quotes import best_sentence
from bifolio.answers.rows import from_other_row, is_row
from bifolio.answers.sentences import places, sentences
from bifolio.answers.support import Counterpart, counterpart, is_across, likeliest
from bifolio.answers.wording import without_frame
from bifolio.ingest.sentences import sentence_spans
from bifolio.retrieval import Judge, Passage
from bifolio.retrieval.normal import normal
from bifolio.retrieval.words import words
from bifolio.settings import SUPPORT

# So much of a claim's words stand in one sentence or two of the passage: it is stated there.
STATED = 0.8
# From so much of the threshold on a passage of the other language may still say it.
_OPEN = 0.3
# A line's beginning that says nothing: a list's sign or number, a heading's hash.
_LEAD = re.compile(r"[\s\u2060]*(?:[\s>]*(?:[-*+•·]|#{1,6}|\d{1,2}[.)、])(?=\s))*[\s>*_]*")
# What stands for a marker while sentences are looked for: seen by nobody, and no space.
_JOINER = "\u2060"
_STOPS = tuple(".!?…。！？；")
_NO_CLAIM = re.compile(
    r"(?:[?？:：]|#{1,6}\s.*|\b(?:as follows|(?:listed|given) below)[.…]*|如下(?:所示)?[。.…]*)"
    r"[\s*_]*\Z",
    re.IGNORECASE,
)
# A line in bold alone is a title unless it ends as a sentence does, and what stands above dashes is
# the head of a table, or a title.
_TITLE = re.compile(
    r"\s*(?:\*\*[^*\n]+(?<![.!…。！；])\*\*|__[^_\n]+(?<![.!…。！；])__)\s*(?=\n|\Z)"
)
_DASHES = re.compile(r"[ \t]*\n[ \t]*\|?[ \t]*:?-{3,}")


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence of an answer and the markers that belong to it, before anybody checked it."""

    text: str
    start: int
    end: int
    markers: tuple[int, ...]


def statements(text: str, marks: Sequence[Mark]) -> list[Statement]:
    """Cut an answer into its sentences; titles, questions and what leads to a list are none.

    Neither is what only keeps company, such as an offer of help, nor the sentence that the
    documents do not answer, unless it cites a passage.

    A marker belongs to the sentence that it stands in or behind; at the beginning of a line to the
    sentence that follows.
    """
    plain = _without(text, marks)
    spans = [
        (start + _lead(plain[start:end]), end)
        for start, end in sentence_spans(plain, 0, len(plain))
        if any(map(str.isalnum, plain[start:end]))
    ]
    owned: list[list[int]] = [[] for _ in spans]
    last = [end for _, end in spans]
    for mark in marks:
        place = _owner(plain, spans, mark)
        if place is not None:
            owned[place].append(mark.number)
            last[place] = max(last[place], mark.end)
    return [
        Statement(_words(plain[start:end]), start, behind, tuple(dict.fromkeys(numbers)))
        for (start, end), numbers, behind in zip(spans, owned, last, strict=True)
        if numbers or not _claims_nothing(plain, start, end, alone=len(spans) == 1)
    ]


def check(
    text: str,
    marks: Sequence[Mark],
    passages: Mapping[int, Passage],
    *,
    judge: Judge,
    question: str = "",
    threshold: float = SUPPORT,
) -> tuple[Claim, ...]:
    """Compare every sentence with the passages that it cites, ``passages`` being each marker's.

    What the ``question`` says may be said again. Each claim is judged alone.
    """
    return tuple(
        check_claim(
            said,
            [passages[number] for number in said.markers if number in passages],
            judge=judge,
            question=question,
            threshold=threshold,
        )
        for said in statements(text, marks)
    )


def check_claim(
    said: Statement,
    passages: Sequence[Passage],
    *,
    judge: Judge,
    question: str = "",
    threshold: float = SUPPORT,
) -> Claim:
    """Compare one sentence with the passages that it cites."""
    claim = Claim(said.text, said.start, said.end, said.markers, False, "uncited")
    if not passages:
        return claim
    # "According to passage 3," is about the passage, and not in it.
    plain = without_frame(said.text)
    context = "\n".join([question, *(_context(passage) for passage in passages)])
    other = [passage for passage in passages if is_across(plain, passage)]
    alike = [passage for passage in passages if passage not in other]
    # A guard may take another sentence of the passage for the one that is meant.
    if any(_repeats(plain, passage) for passage in alike):
        return replace(claim, supported=True, reason="stated")
    by_row = is_row(plain, alike)
    found = from_other_row(plain, passages, question=question, context=context)
    if not found and not by_row:
        found = findings(plain, _texts(passages), context=context)
    if found:
        return replace(claim, reason="contradicted", findings=found)
    if alike and (more := added(plain, f"{_texts(alike)}\n{context}")):
        return replace(claim, reason="unlikely", findings=(Finding("detail", more),))
    if by_row or any(stated(plain, one) >= STATED for one in alike):
        return replace(claim, supported=True, reason="stated")
    near = [counterpart(plain, one, judge=judge, context=context) for one in other]
    same = [passage.text for passage in alike]
    scores = [*(judge.scores(plain, same) if same else [])]
    if max([*scores, *(one.score for one in near)]) < threshold:
        # Among much else a passage may say it in one sentence.
        scores += [likeliest(plain, passage, judge=judge) for passage in alike]
    return _judged(claim, scores, near, threshold)


def _judged(
    claim: Claim, scores: Sequence[float], near: Sequence[Counterpart], threshold: float
) -> Claim:
    """Decide by the scores of passages in the claim's language, and what is near in others."""
    score = float(max([*scores, *(one.score for one in near if not one.against)], default=0.0))
    if score >= threshold:
        return replace(claim, supported=True, reason="likely", score=score)
    against = [one.against for one in near if one.against and one.score >= threshold]
    if against:
        found = tuple(Finding(one.kind, one.claimed, one.stated) for one in against)
        return replace(claim, reason="contradicted", findings=found)
    score = max([score, *(one.score for one in near)])
    # Across languages a low score may be the judge's fault; only a very low one is the claim's.
    open_ = not scores and score >= _OPEN * threshold
    return replace(claim, reason="unchecked" if open_ else "unlikely", score=score)


def cite(
    claims: Sequence[Claim], passages: Mapping[int, Passage], *, judge: Judge
) -> tuple[Citation, ...]:
    """Give a citation for each marker: the sentence of its passage that its first claim rests on.

    It is supported if one of the claims that bear its marker is.
    """
    citing: dict[int, list[Claim]] = {}
    for claim in claims:
        for number in claim.markers:
            citing.setdefault(number, []).append(claim)
    citations = []
    for number in sorted(citing):
        first = next((one for one in citing[number] if one.supported), citing[number][0])
        passage = passages[number]
        if is_across(first.text, passage):
            near = counterpart(first.text, passage, judge=judge)
            quoted, score = near.place, near.score
        else:
            quoted = best_sentence(first.text, passage, judge)
            score = float(judge.scores(first.text, [passage.text])[0])
        supported = any(one.supported for one in citing[number])
        citations.append(Citation(number, passage, quoted.start, quoted.end, score, supported))
    return tuple(citations)


def stated(claim: str, passage: Passage) -> float:
    """Give the share of the claim's words that stand together in a passage, from 0 to 1.

    Together is what one sentence says or two that follow each other.
    """
    asked = set(words(without_frame(claim)))
    if not asked:
        return 0.0
    found = places([passage])
    return max((len(asked & set(words(one.judged))) for one in found), default=0) / len(asked)


def _repeats(claim: str, passage: Passage) -> bool:
    """Tell whether a claim is a sentence of a passage, sign for sign but for the stop."""
    said = _folded(claim)
    return any(said == _folded(one.text) for one in sentences(passage))


def _folded(text: str) -> str:
    return "".join(normal(text).split()).rstrip("".join(_STOPS))


def _texts(passages: Sequence[Passage]) -> str:
    return "\n".join(passage.text for passage in passages)


def _context(passage: Passage) -> str:
    """What stands beside a passage and belongs to it: its file's name and its headings."""
    return "\n".join([passage.document.title, *(chunk.context for chunk in passage.chunks)])


def _without(text: str, marks: Sequence[Mark]) -> str:
    """Blank the markers, so that every other place stays what it was.

    By what is no space, for a gap of spaces would part columns; but a full stop before a marker
    still needs its space behind it.
    """
    for mark in marks:
        blank = _JOINER * (mark.end - mark.start)
        if text[: mark.start][-1:] in _STOPS:
            blank = " " + blank[1:]
        text = text[: mark.start] + blank + text[mark.end :]
    return text


def _owner(plain: str, spans: Sequence[tuple[int, int]], mark: Mark) -> int | None:
    before = [place for place, (start, _) in enumerate(spans) if start <= mark.start]
    after = next((place for place, (start, _) in enumerate(spans) if start > mark.start), None)
    if not before:
        return after
    own = before[-1]
    line_begins = "\n" in plain[spans[own][1] : mark.start] and mark.start >= spans[own][1]
    if line_begins and after is not None and "\n" not in plain[mark.end : spans[after][0]]:
        return after
    return own


def _claims_nothing(plain: str, start: int, end: int, *, alone: bool) -> bool:
    sentence, line = _words(plain[start:end]), plain.rfind("\n", 0, start) + 1
    fixed = any(sentence in (one.not_found, one.unsure) for one in ALL)
    if fixed or _NO_CLAIM.search(plain[line:end]) or keeps_company(sentence):
        return True
    return not alone and bool(_TITLE.match(plain, line) or _DASHES.match(plain, end))


def _lead(sentence: str) -> int:
    found = _LEAD.match(sentence)
    return found.end() if found else 0


def _words(sentence: str) -> str:
    """Give a sentence without the holes of its markers and the signs of bold words."""
    plain = " ".join(sentence.replace(_JOINER, "").replace("**", "").split())
    return re.sub(r"\s+(?=[.,;:!?。，；：！？])", "", plain)
