"""An answer with its proof: each sentence checked, and a citation found for one that bears none."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from bifolio.answers.answer import Citation, Claim
from bifolio.answers.citing import Mark
from bifolio.answers.claims import check, cite
from bifolio.answers.covering import covered
from bifolio.answers.finding import Finder, Support
from bifolio.retrieval import Judge, Passage
from bifolio.settings import SUPPORT

# So many sentences of one answer are looked for: a model that never cites may write many.
_MOST_LOOKED_FOR = 20
_FENCE = re.compile(r"^[ \t]*(?:```|~~~)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Proved:
    """The text of an answer with all its markers, and what each sentence rests on."""

    text: str
    marks: tuple[Mark, ...]
    claims: tuple[Claim, ...]
    citations: tuple[Citation, ...]


def prove(
    text: str,
    marks: Sequence[Mark],
    cited: Mapping[int, Passage],
    given: Sequence[Passage],
    *,
    judge: Judge,
    question: str = "",
    threshold: float = SUPPORT,
) -> Proved:
    """Check an answer sentence by sentence, and find citations for those that have none.

    ``cited`` are the passages by their markers, ``given`` all that the author of the text had. A
    citation that is found gets a number of its own, behind those of the text, and a marker at the
    end of its sentence; two sentences that rest on the same words share it.
    """
    claims = check(text, marks, cited, judge=judge, question=question, threshold=threshold)
    proved = Proved(text, tuple(marks), claims, cite(claims, cited, judge=judge))
    bare = [place for place, claim in enumerate(claims) if _may_be_cited(claim, text)]
    if not bare:
        return proved
    finder = Finder(given, judge=judge, question=question)
    looked = {place: finder.support(claims[place].text) for place in bare[:_MOST_LOOKED_FOR]}
    found = {place: support for place, support in looked.items() if support}
    # A place that was found says more than a citation of the next sentence.
    left = covered(claims, text, cited, judge=judge, question=question, threshold=threshold)
    kept = [claims[at] if at in found else one for at, one in enumerate(left)]
    proved = replace(proved, claims=tuple(kept))
    return _with(proved, found, max(cited, default=0)) if found else proved


def _may_be_cited(claim: Claim, text: str) -> bool:
    in_code = len(_FENCE.findall(text, 0, claim.start)) % 2 == 1
    return claim.reason == "uncited" and not in_code


def _with(proved: Proved, found: Mapping[int, Support], last: int) -> Proved:
    """Put in what was found, and let every place in the text move along."""
    numbers: dict[tuple[str, int, int], int] = {}
    citations = list(proved.citations)
    claims = list(proved.claims)
    added: list[tuple[int, int]] = []
    for at, support in found.items():
        where = support.place
        key = (where.passage.document.path, where.start, where.end)
        if key not in numbers:
            numbers[key] = last + len(numbers) + 1
            one = Citation(
                numbers[key], where.passage, where.start, where.end, support.score, found=True
            )
            citations.append(one)
        added.append((_behind(proved.text, claims[at]), numbers[key]))
        claims[at] = replace(
            claims[at],
            markers=(numbers[key],),
            supported=True,
            reason="found",
            score=support.score,
        )
    text, marks = _marked(proved.text, added)
    moved = _Moved(added)
    old = [replace(one, start=moved.to(one.start), end=moved.to(one.end)) for one in proved.marks]
    return Proved(
        text,
        tuple(sorted([*old, *marks], key=lambda mark: mark.start)),
        tuple(replace(one, start=moved.to(one.start), end=moved.to(one.end)) for one in claims),
        tuple(citations),
    )


def _behind(text: str, claim: Claim) -> int:
    """Give the place for a marker: the sentence's end, but inside of the last cell of a row."""
    said = text[claim.start : claim.end].rstrip()
    if said.endswith("|"):
        said = said[:-1].rstrip()
    return claim.start + len(said)


def _marked(text: str, added: Sequence[tuple[int, int]]) -> tuple[str, list[Mark]]:
    """Write the markers into the text, each behind a space."""
    marks, written, place = [], "", 0
    for behind, number in added:
        written += text[place:behind] + " "
        marker = f"[{number}]"
        marks.append(Mark(len(written), len(written) + len(marker), number))
        written, place = written + marker, behind
    return written + text[place:], marks


@dataclass(frozen=True, slots=True)
class _Moved:
    """Where the places of a text are after markers were written into it."""

    added: Sequence[tuple[int, int]]

    def to(self, place: int) -> int:
        """Give where a place of the text is now."""
        return place + sum(len(f" [{number}]") for behind, number in self.added if behind <= place)
