"""What an agent reads of a result: short, with file and page, and what it can do next."""

from collections.abc import Sequence
from pathlib import PurePath

from bifolio.mcp.results import (
    Answered,
    Cited,
    Documents,
    FoundPassage,
    Grep,
    Listed,
    Match,
    Place,
    Quote,
    Read,
    Search,
)

_GLIMPSE = 300  # characters


def search(found: Search) -> str:
    """Give the passages, numbered."""
    if found.passages:
        return _blocks(_numbered(found.passages), found.next)
    near = [_nearest(found.nearest)] if found.nearest else []
    return _blocks(["No passage passes the threshold.", *near], found.next)


def answer(given: Answered) -> str:
    """Give the answer, then the words that it rests on."""
    blocks = [given.answer, *map(_citation, given.citations)]
    blocks += [
        f"NOT SUPPORTED ({claim.reason}): {claim.text}"
        for claim in given.claims
        if not claim.supported
    ]
    for one in given.disagreements:
        blocks.append("\n".join(["The documents disagree:", *map(_quote, one.sides)]))
    blocks += _numbered(given.shown)
    if given.outcome == "nothing" and given.nearest:
        blocks.append(_nearest(given.nearest))
    if given.notice:
        blocks.append(f"Note: {given.notice}")
    return _blocks(blocks, given.next)


def grep(found: Grep) -> str:
    """Give a line a match."""
    return _blocks(["\n".join(map(_match, found.matches))] * bool(found.matches), found.next)


def documents(listed: Documents, *, several: bool) -> str:
    """Give a line a document."""
    lines = "\n".join(_listed(one, several) for one in listed.documents)
    return _blocks([*filter(None, [lines]), *listed.notes], listed.next)


def read(page: Read) -> str:
    """Give the text under a line that says where it is from."""
    head = f"{_place(page)} of {page.pages}"
    return _blocks([head, page.text.strip() or "(no text on this page)"], page.next)


def _blocks(blocks: Sequence[str], following: str) -> str:
    return "\n\n".join([*blocks, f"Next: {following}"])


def _numbered(passages: Sequence[FoundPassage]) -> list[str]:
    return [f"[{number}] {_passage(one)}" for number, one in enumerate(passages, start=1)]


def _passage(found: FoundPassage) -> str:
    where = f"{_place(found)}, score {found.score:.2f} <{found.link}>"
    return f"{where}\n{found.text.strip()}"


def _nearest(found: FoundPassage) -> str:
    # It does not answer: a glimpse is enough to see that.
    text = " ".join(found.text.split())
    glimpse = f"{text[:_GLIMPSE]}…" if len(text) > _GLIMPSE else text
    return f"The nearest: {_place(found)}, score {found.score:.2f}\n{glimpse}"


def _citation(cited: Cited) -> str:
    doubt = "" if cited.supported else ", NOT SUPPORTED by these words"
    return f"[{cited.marker}] {_place(cited)}{doubt} <{cited.link}>\n{cited.quote.strip()}"


def _quote(side: Quote) -> str:
    return f"- {_place(side)}: {' '.join(side.quote.split())}"


def _place(place: Place) -> str:
    first, last = place.page_start, place.page_end
    pages = f"page {first}" if first == last else f"pages {first}-{last}"
    printed = dict.fromkeys(filter(None, place.page_labels))
    if printed and list(printed) != [str(number) for number in dict.fromkeys((first, last))]:
        pages += f" (printed {'-'.join(printed)})"
    return f"{_named(place.document, place.title)}, {pages}"


def _match(match: Match) -> str:
    printed = f" (printed {match.label})" * (match.label not in ("", str(match.page)))
    place = f"{PurePath(match.document).name}, page {match.page}{printed}, line {match.line}"
    return f"{place}: {match.text}"


def _listed(one: Listed, several: bool) -> str:
    where = f"{one.library}: " if several else ""
    pages = "1 page" if one.pages == 1 else f"{one.pages} pages"
    stale = f", OUT OF DATE since {one.stale.day}: {one.stale.reason}" if one.stale else ""
    return f"{where}{_named(one.path, one.title)}, {pages}{stale}"


def _named(path: str, title: str) -> str:
    name = PurePath(path).name
    told = " ".join(title.split())
    return name if told in ("", name, PurePath(path).stem) else f"{name} (“{told}”)"
