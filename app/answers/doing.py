"""Who does what to whom: "A sued B" and "B was sued by A", A 起诉 B and B 被 A 起诉.

A verb that two clauses share parts each of them into who does it and all else; where those who do
it stand among what it is done to in the other, and the other way round, the parties are turned.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Literal

from bifolio.answers.alike import IRREGULAR, common, found_in, is_denied, of_one_thing, parts, share
from bifolio.retrieval import language
from bifolio.retrieval.lexicon import translations
from bifolio.retrieval.telling import telling
from bifolio.retrieval.words import stem

Span = tuple[int, int]

# No verb of a clause stands behind one of these.
_NO_VERB = re.compile(
    r"(?:\b(?:the|a|an|of|in|on|at|for|with|from|by|to|and|or|its|their|his|her|my|our|your|this|that"
    r"|these|those|no|any|each|every|some|all|than|as|more|less|most|new|other|over|about|under"
    r"|between|into|onto|through|during|per|against|without|within|since|until|before|after)"
    r"|['’]s|\d)\s+\Z|-\Z",
    re.IGNORECASE,
)
# The form of a verb, or what stands before one in its plain form.
_INFLECTED = re.compile(r"(?:[^s]s|ed)\Z")
_PREPOSITIONS = frozenset(
    [
        "along",
        "around",
        "across",
        "behind",
        "beyond",
        "despite",
        "toward",
        "near",
        "like",
        "whether",
    ]
)
_BETWEEN = r"(?:\w+ly\s+|also\s+|then\s+)"
_BEFORE_PLAIN = re.compile(
    r"\b(?:[a-z]+[^s]s|must|may|can|will|shall|should|could|would|might|do|does|did|to|they|we|you|i"
    rf"|people|men|women|children|police|staff)\s+{_BETWEEN}?\Z",
    re.IGNORECASE,
)
_HELPERS = (
    r"\b(?:is|are|was|were|be|been|has|have|had|must|may|can|will|shall|should|could|would|do|does"
    r"|did)\b"
)
_HELPED_NEXT = re.compile(rf"\s*{_HELPERS}", re.IGNORECASE)
_HELPER = re.compile(_HELPERS, re.IGNORECASE)
_HELPED = re.compile(rf"{_HELPERS}\s+(?:{_BETWEEN}|be\s+|been\s+)*\Z", re.IGNORECASE)
# What begins so has no party at its beginning.
_LEADING = re.compile(
    r"\W*(?:in|on|at|by|with|under|after|before|for|from|to|according|through|during|if|when|as|use"
    r"|using|there|per|of|within|because|since|while)\b"
    r"|\W*(?:在|根据|按照?|依据|通过|使用|用[于来]|如果|若|由于|为了?|对于?|从|当|经|关于|随着|要)"
    r"|\W*[\u4e00-\u9fff]{2,8}?(?:之?[前后](?![往来提])|期间|时(?![间代刻常]))",
    re.IGNORECASE,
)
_RELATIVE = re.compile(r"\b(?:that|which|who|whom|whose|of|in order to|so)\b", re.IGNORECASE)
_PASSIVE = re.compile(
    rf"\b(?:is|are|was|were|be|been|being|get|gets|got)\s+{_BETWEEN}?\Z", re.IGNORECASE
)
_BY = re.compile(r"\bby\s+(?P<by>[^,;.]+?)(?=\s+(?:in|on|at|for|to|from|with|within)\s|[,;.]|\Z)")
_ADVERB = re.compile(r"\b\w+ly\b")
_WORD = re.compile(r"[A-Za-z]{3,}")
_CHINESE_BY = re.compile(r"[被受遭由]")
_WITH = tuple("把将向给对从在为")
_CHINESE_WITH = re.compile(r"[把将向给对从在为]")
# "For what was not paid, sued": the "not" is of the cause.
_OWN_DENIED = re.compile(r"[因为][^，,]{0,8}[不没未]..?\Z")
_NO_CHINESE_VERB = re.compile(r"[的被由受遭把将向对从在为]")
_TOGETHER = re.compile(r"[与和跟同]")
# A piece that ends so, or what follows so, is no party and no verb.
_PLACE = tuple("中里上内下作")
_NOUN_NEXT = tuple("的在于自者人是")
_NOUN_BEFORE = tuple("的所之地")
# What one does and the other has done to it: "A sells to B" is "B buys from A".
_CONVERSE = (
    (
        r"sells?|sold|selling",
        r"buys?|bought|buying|purchas(?:es?|ed|ing)",
        "卖(?![方家主])|出售|售",
        "买(?![方家主卖])|收?购",
    ),
    (
        r"lends?|lent|lending",
        r"borrow(?:s|ed|ing)?",
        "借.{0,4}给|贷.{0,4}给",
        "借(?![款方条口助用]|.{0,9}给)",
    ),
    (r"gives?|gave|given", r"receiv(?:es?|ed|ing)", "给(?:了|予)?|交给", "收到|得到|接到|领到"),
    (r"teach(?:es)?|taught", r"learn(?:s|ed|t)?", "教(?![室材师育])", "学(?![生校院习者])"),
)
# So much of a party is in the other: it is the same.
_SAME = 0.6
# So much of a clause has to be there to be compared at all.
_LIKELY = 0.4


@dataclass(frozen=True, slots=True)
class Pair:
    """Two parties; ``sign`` is -1 where the first is less, or has it done by the second.

    ``kind`` is what is compared, and ``whole`` the clause.
    """

    first: str
    second: str
    kind: str
    sign: int
    whole: str


@dataclass(frozen=True, slots=True)
class Turn:
    """Whether two texts put the same parties the same way; ``stated`` is the other's clause.

    Where they do not, ``code`` says whether the parties changed places or what is said of them is
    the opposite. ``other_words`` where they agree by more than having the same words in one order.
    """

    agrees: bool
    stated: str
    other_words: bool = True
    code: Literal["parties", "opposite"] = "parties"


def doings(claim: str, stated: str) -> Iterator[Turn]:
    """Compare who does what to whom, for each verb that both texts have."""
    others = [clause for clauses in parts(stated) for clause in clauses]
    for clauses in parts(claim):
        for clause in clauses:
            near = [other for other in others if share(clause, other) >= _LIKELY]
            for pairs in _by_verb(clause, near).values():
                yield from _compared(pairs)
                yield from _by_another(pairs, stated)


def _by_verb(clause: str, others: Sequence[str]) -> dict[Span, list[tuple[Pair, Pair]]]:
    """Give for each verb of a clause what it says is done, beside what the others say."""
    found: dict[Span, list[tuple[Pair, Pair]]] = defaultdict(list)
    for other in others:
        for mine, theirs, sign in _verbs(clause, other):
            said, there = _doing(clause, *mine), _doing(other, *theirs)
            denied = is_denied(_nearby(clause, mine[0])) != is_denied(_nearby(other, theirs[0]))
            if said and there and not denied:
                pair = Pair(there.first, there.second, "", sign, other)
                found[mine].append((said, pair))
    return found


def _nearby(clause: str, verb: int) -> str:
    """Give what stands so near before a verb that a "not" there is its own."""
    if language(clause) == "zh":
        return clause[max(0, verb - 4) : verb] if not _OWN_DENIED.search(clause[:verb]) else ""
    told = clause[:verb].split()
    return " ".join([*told[:1], *told[-3:]] if len(told) > 3 else told)


def _compared(pairs: Sequence[tuple[Pair, Pair]]) -> Iterator[Turn]:
    for one, other in pairs:
        if way := _way(one, other):
            yield Turn(way * other.sign > 0, other.whole, other_words=other.sign < 0)
    # "A repairs the roof" of "A repairs the door, and B the roof".
    acts = [b for a, b in pairs if _shares(a.first, b.first, a.second, b.second)]
    suffers = [b for a, b in pairs if _shares(a.second, b.second, a.first, b.first)]
    if acts and suffers and len(acts) + len(suffers) == len(pairs):
        yield Turn(agrees=False, stated=suffers[0].whole)


def _by_another(pairs: Sequence[tuple[Pair, Pair]], stated: str) -> Iterator[Turn]:
    """Find who is said to do what another one does, and is named elsewhere alone.

    "The maker paid for it" of "It was paid for by the city; the maker ...".
    """
    if any(common(mine.first, theirs.first) for mine, theirs in pairs):
        return
    for mine, theirs in pairs:
        same = share(mine.second, theirs.second) >= _SAME and common(mine.second, theirs.second)
        elsewhere = stated.replace(theirs.whole, " ")
        named = common(mine.first, elsewhere) == common(mine.first, mine.first) > 0
        voices = bool(_BY.search(mine.whole)) != bool(_BY.search(theirs.whole))
        if voices and same and named and common(theirs.first, theirs.first):
            yield Turn(agrees=False, stated=theirs.whole)


def _shares(mine: str, theirs: str, beside: str, other: str) -> bool:
    """Tell whether two clauses have one party in common, and another in the place of the other."""
    apart = not common(beside, other) and bool(common(other, other))
    return apart and share(mine, theirs) >= _SAME


def _way(one: Pair, other: Pair) -> int:
    """Tell whether the same does it, 1, or whom it was done to, -1; 0 if neither is sure."""
    both = common(one.first, other.first)
    there, here = common(one.first, other.second), common(other.first, one.second)
    if both and not there and not here and common(one.second, other.second):
        return 1
    if min(there, here) <= both:
        return 0
    # All of either party that stands in the other clause stands on its other side.
    whole = there >= common(one.first, other.whole) and here >= common(other.first, one.whole)
    return -1 if whole and of_one_thing(one.whole, other.whole) else 0


def _verbs(one: str, other: str) -> Iterator[tuple[Span, Span, int]]:
    """Yield the places of words that may be one verb, and -1 where each is the other's converse."""
    trades = [(_trade(one, sides), _trade(other, sides)) for sides in _CONVERSE]
    converse = [(mine, theirs) for mine, theirs in trades if mine and theirs]
    for mine, theirs in converse:
        yield mine[0], theirs[0], mine[1] * theirs[1]
    if converse:
        return
    if language(one) == language(other):
        pairs = _runs(one, other) if language(one) == "zh" else _same(one, other)
    elif language(one) == "en":
        pairs = _translated(one, other)
    else:
        pairs = ((mine, theirs) for theirs, mine in _translated(other, one))
    for place, there in pairs:
        yield place, there, 1


def _trade(clause: str, sides: tuple[str, str, str, str]) -> tuple[Span, int] | None:
    """Find a verb that has a converse, and which of the two it is."""
    chinese = language(clause) == "zh"
    for pattern, sign in ((sides[2 if chinese else 0], 1), (sides[3 if chinese else 1], -1)):
        edge = pattern if chinese else rf"\b(?:{pattern})\b"
        if found := re.search(edge, clause, re.IGNORECASE):
            return found.span(), sign
    return None


def _same(one: str, other: str) -> Iterator[tuple[Span, Span]]:
    theirs = [(stem(found[0].lower()), found.span()) for found in _WORD.finditer(other)]
    for found in _WORD.finditer(one):
        word = stem(found[0].lower())
        yield from ((found.span(), there) for said, there in theirs if said == word)


def _runs(one: str, other: str) -> Iterator[tuple[Span, Span]]:
    """Yield the places of what stands once in each of two Chinese clauses, as long as it is."""
    last = 0
    for at, sign in enumerate(one):
        if at < last or one.count(sign) != 1 or other.count(sign) != 1:
            continue
        start, there = at, other.find(sign)
        while start and there and one[start - 1] == other[there - 1]:
            start, there = start - 1, there - 1
        pairs = zip(one[start:], other[there:], strict=False)
        size = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
        last = start + size
        # 者感谢 of 译者感谢 and 作者感谢 begins inside of a word.
        if size > 1 and _parts_words(one, start) and _parts_words(other, there):
            start, there, size = start + 1, there + 1, size - 1
        yield (start, last), (there, there + size)


def _parts_words(text: str, place: int) -> bool:
    """Tell whether a place lies inside of a word of the lexicon, and no word begins there."""
    inside = place > 0 and translations(text[place - 1 : place + 1])
    return bool(inside) and not translations(text[place : place + 2])


def _translated(english: str, chinese: str) -> Iterator[tuple[Span, Span]]:
    for found in _WORD.finditer(english):
        told = telling(found[0])
        said = found_in(told[0], chinese) if told else ""
        if said and chinese.count(said) == 1:
            at = chinese.find(said)
            yield found.span(), (at, at + len(said))


def _doing(clause: str, start: int, end: int) -> Pair | None:
    """Give who does it, and all else, for the verb at a place; None if there is none."""
    before, verb, after = clause[:start], clause[start:end], clause[end:]
    if _LEADING.match(before):
        return None
    if language(clause) == "zh":
        return _chinese_doing(clause, before, verb, after)
    if _NO_VERB.search(before) or _RELATIVE.search(before) or not _is_verb(verb, before, after):
        return None
    if not _PASSIVE.search(before):
        return Pair(_ADVERB.sub("", before), after, "", 1, clause)
    by = _BY.search(after)
    rest = f"{before} {after[: by.start()]} {after[by.end() :]}" if by else ""
    return Pair(by["by"], rest, "", 1, clause) if by else None


def _chinese_doing(clause: str, before: str, verb: str, after: str) -> Pair | None:
    if (
        before.endswith(_NOUN_BEFORE)
        or after.startswith(_NOUN_NEXT)
        or _NO_CHINESE_VERB.match(verb)
    ):
        return None
    if verb.endswith((*_PLACE, "于")) or _TOGETHER.search(clause):
        return None
    if passive := _CHINESE_BY.search(before):
        agent, rest = before[passive.end() :], f"{before[: passive.start()]} {after}"
        if "的" in agent:
            return None
    elif before.endswith(_WITH):
        return None
    elif beside := _CHINESE_WITH.search(before):
        agent, rest = before[: beside.start()], f"{before[beside.end() :]} {after}"
    else:
        agent, rest = before, after
    return None if agent.endswith(_PLACE) else Pair(agent, rest, "", 1, clause)


def _is_verb(word: str, before: str, after: str) -> bool:
    word = word.lower()
    # Another word is the verb.
    other = _HELPED_NEXT.match(after) or (_HELPER.search(before) and not _HELPED.search(before))
    if word in _PREPOSITIONS or other:
        return False
    if word.endswith("ing"):
        return bool(_PASSIVE.search(before))
    return bool(_INFLECTED.search(word) or word in IRREGULAR or _BEFORE_PLAIN.search(before))
