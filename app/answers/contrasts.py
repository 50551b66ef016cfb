"""A claim against the clauses of a passage: a value of another thing, another side, another party.

Words that all stand in a passage may still be put together wrongly. A clause of the claim is
compared with the clause that has its words: what belongs to that one, and what to its neighbour.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from bifolio.answers.alike import LIGHT_HAN, common
from bifolio.answers.clauses import MOMENTS, Clause, Value, anchors, clauses
from bifolio.answers.opposites import Sign, signs
from bifolio.retrieval.telling import telling

Kind = Literal["number", "date", "opposite", "parties"]
_DATES = ("date", "named month", "clock", "weekday", "year")
_UNTIL = re.compile(r"\b(?:until|till|to)\b|[至到]", re.IGNORECASE)
# So much of the words of a claim's clause must stand in one of the passage to be compared with it.
_NEAR = 0.75
# What a clause is only read with says a little less.
_READ = 0.9
_MOST_SENTENCES = 3
_NEGATED = re.compile(
    r"\b(?:not|no|never|nobody|nor|neither|without)\b|n't\b|[不没未非无]", re.IGNORECASE
)
_EXCEPTION = re.compile(
    r"\b(?:unless|except|only|without)\b|除非|除外|除了|只有|仅|只", re.IGNORECASE
)
_IF = re.compile(r"\b(?:if|when|as long as)\b.*|(?:如果|[若当]).*", re.IGNORECASE)
_BUT_NOT = re.compile(
    r"\s*(?:(?:but\s+)?not\s|[但而]?(?:并?不|没有?)(?![仅但只光]))", re.IGNORECASE
)
# A word in whose place any other may stand: "the excess baggage" for "the excess".
_EMPTY = frozenset(["部分", "其余", "其他", "它", "该", "one", "ones", "part", "it", "they"])
_ELIDED = re.compile(r"\b(?:is|are|was|were|do|does|did|has|have|may|can|will|must) not\W*\Z")
_BEGINS_EXCEPTION = re.compile(r"\s*(?:unles|except|除非|除了)", re.IGNORECASE)
_WORD = re.compile(r"[A-Za-z]+|[\u4e00-\u9fff]|\d[\d.,]*")
_LIGHT_WORDS = (
    "a an the of to in on at by for with and or but is are was were be been has have had its their "
    "his her this that these those it they then also so as than first"
)
_LIGHT = frozenset(_LIGHT_WORDS.split())
_LONGEST = 6
_HELPED = re.compile(r"\b(?:to|must|may|can|will|shall|should|could|would)\s+([a-z]+)")
# Signs of these do not tell what stands on their one side from what stands on their other.
_WITHOUT_SIDES = frozenset({"rate", "chance", "duty", "share"})


@dataclass(frozen=True, slots=True)
class Contrast:
    """What a claim says, and the clause of the passage that says otherwise."""

    kind: Kind
    claimed: str
    stated: str


def contrast(claim: str, passage: str) -> Contrast | None:
    """Compare clause by clause; None where nothing is known to contradict."""
    stated, mine = clauses(passage), clauses(claim)
    if found := _exception(mine, stated):
        return found
    for said in mine:
        found = (
            _other_value(said, stated)
            or _other_side(said, stated)
            or _denied(said, stated)
            or _other_order(said, stated)
            or _other_party(said, stated)
        )
        if found:
            return found
    return None


def _exception(mine: Sequence[Clause], stated: Sequence[Clause]) -> Contrast | None:
    """Find an exception of the passage that the claim takes for the rule."""
    claim = frozenset().union(*(one.words for one in mine))
    if any(_EXCEPTION.search(one.text) or _negated(one) or _frees(one) for one in mine):
        return None
    for place, one in enumerate(stated):
        main = stated[place - 1] if place else None
        if not (_BEGINS_EXCEPTION.match(one.text) and main and main.sentence == one.sentence):
            continue
        said = {word for word in one.words if not _BEGINS_EXCEPTION.match(word)}
        forbids = _negated(main) or any(sign.side == "not" for sign in main.signs)
        enough = bool(main.words) and len(main.words & claim) >= _NEAR * len(main.words)
        if said and said <= claim and enough and not forbids:
            return Contrast("opposite", " ".join(one.text for one in mine), one.whole)
    return None


def _other_value(said: Clause, stated: Sequence[Clause]) -> Contrast | None:
    """Find a value that the passage gives to another thing, and this thing another value."""
    for value in said.values:
        mine = [one for one in stated if any(value.same(other) for other in one.values)]
        # Who compares two years names both.
        if value.kind == "year" and sum(one.kind == "year" for one in said.values) > 1:
            continue
        # What a value becomes is said of the same things as that value.
        if not mine or (value.kind not in _DATES and any(one.becomes for one in mine)):
            continue
        for rival in stated:
            # What is not open on Mondays is open on other days.
            if rival in mine or _negated(rival) != _negated(said):
                continue
            if not any(_comparable(value, other, said, rival) for other in rival.values):
                continue
            near = [one for one in mine if abs(rival.sentence - one.sentence) <= _MOST_SENTENCES]
            timed = value.kind not in _DATES
            if near and all(
                (_nearer(said, rival, one) or (timed and _of_its_time(said, rival, one)))
                and not (timed and _of_its_time(said, one, rival))
                for one in mine
            ):
                kind: Kind = "date" if value.kind in _DATES else "number"
                return Contrast(kind, said.text[value.start : value.end].strip(), rival.text)
    return None


def _comparable(value: Value, other: Value, said: Clause, rival: Clause) -> bool:
    if value.same(other):
        return False
    if value.kind == other.kind or (value.day and other.day):
        return bool(value.kind)
    counts = not {value.kind, other.kind} & MOMENTS
    # "Nine patients reported" and "three reported" count the same.
    return (
        counts and any(word[:5] == other.kind for word in said.words) and value.value != other.value
    )


def _nearer(said: Clause, rival: Clause, own: Clause) -> bool:
    """Tell whether the rival clause has more of the claim's words than the value's own."""
    if _excludes(said, rival) and not _excludes(said, own):
        return False
    mine = _items(said, values=False)
    theirs = mine & (_items(rival, values=False) | rival.more)
    its = mine & _items(own, values=False)
    ours = its | (mine & own.more)
    # What its sentence speaks of need not be said again in each of its clauses.
    if rival.sentence != own.sentence:
        ours |= mine & set(telling(own.whole))
    # A subject that it shares with its neighbours does not make the value its own.
    alone = its if rival.sentence == own.sentence else ours
    return len(theirs - ours) > len(alone - theirs)


def _of_its_time(said: Clause, one: Clause, other: Clause) -> bool:
    """Tell whether the claim's year, or day, is that of one clause, and another the other's."""
    return any(
        any(time.same(own) for own in one.values)
        and any(time.kind == own.kind for own in other.values)
        and not any(time.same(own) for own in other.values)
        for time in said.values
        if time.kind in ("year", "weekday")
    )


def _excludes(one: Clause, other: Clause) -> bool:
    return any(a.excludes(b) for a in one.signs for b in other.signs)


def _items(clause: Clause, *, values: bool = True, sides: bool = True) -> frozenset[str]:
    """Give the words of a clause, its signs and values among them."""
    items = set(clause.words)
    if sides:
        items |= {f"{sign.kind} {sign.side}" for sign in clause.signs}
    if values:
        items |= {f"{value.value}" for value in clause.values}
    return frozenset(items)


def _other_side(said: Clause, stated: Sequence[Clause]) -> Contrast | None:
    """Find a clause with the claim's words, but with the other side of one of its signs."""
    mine = _items(said, sides=False)
    if not mine or not said.signs:
        return None
    shares = [_share(mine, one) for one in stated]
    best = max(shares, default=0.0)
    if best < _NEAR:
        return None
    near = [one for one, share in zip(stated, shares, strict=True) if share >= best - 1e-9]
    if any(_flips(said, one) % 2 == 0 for one in near):
        return None
    return Contrast("opposite", said.text, near[0].text)


def _denied(said: Clause, stated: Sequence[Clause]) -> Contrast | None:
    """Find a "but not" whose words the claim affirms, or a denial whose exception it leaves out."""
    if _negated(said) or _EXCEPTION.search(said.whole) or _frees(said):
        return None
    for one in stated:
        short = _BUT_NOT.match(one.text) and one.words <= said.words and one.more & said.words
        excepted = _EXCEPTION.search(one.whole) and not _EXCEPTION.search(one.text)
        same = excepted and one.words == said.words and len(said.words) > 1 and _negated(one)
        # "It does not cover wear", where "it" is the claim's subject; "tripods are not".
        plain = said.words <= one.read and len(said.words) > len(one.words) and _negated(one)
        elided = _ELIDED.search(one.text) and _shares_more(said, one)
        plain = plain and not _EXCEPTION.search(one.whole)
        other = one.words <= said.words and (plain or elided)
        if one.words and (short or other or (same and not _turns(said, one))):
            return Contrast("opposite", said.text, one.whole)
    return None


def _other_order(said: Clause, stated: Sequence[Clause]) -> Contrast | None:
    """Find a sentence with the claim's words that has it before what the claim has it after."""
    for word, side in anchors(said.whole):
        there = [(one, a) for one in stated for a in anchors(one.text) if a[0] == word]
        if not there or any(a[1] == side for _, a in there):
            continue
        one = there[0][0]
        beside = [clause for clause in stated if clause.whole == one.whole]
        # Other signs, or a "not" on one side, may turn it back.
        back = any(
            a.kind != "order" and a.excludes(b) for a in signs(said.whole) for b in signs(one.whole)
        )
        near = [clause for clause in beside if clause.words & said.words or clause is one]
        # "Without" is a "not" itself.
        denied = (sum(map(_negated, near)) + side.startswith("with")) % 2 == 1
        enough = common(said.whole, one.whole) >= _NEAR * common(said.whole, said.whole)
        if enough and not back and denied == bool(_NEGATED.search(said.whole)):
            return Contrast("opposite", said.whole, one.whole)
    return None


def _frees(said: Clause) -> bool:
    """Tell whether a clause says "must not" or "need not"."""
    return any(sign.side in ("not", "free") for sign in said.signs)


def _shares_more(said: Clause, one: Clause) -> bool:
    """Tell whether a clause that leaves out what it denies is about what the claim affirms."""
    sides = {(sign.kind, sign.side) for sign in signs(one.whole)}
    told = any((sign.kind, sign.side) in sides for sign in said.signs)
    return told or said.words & set(telling(one.whole)) > one.words


def _share(mine: frozenset[str], one: Clause) -> float:
    own = _items(one, sides=False)
    return (len(mine & own) + _READ * len(mine & one.more - own)) / len(mine)


def _flips(said: Clause, one: Clause) -> int:
    """Count the kinds of which both clauses have a sign, and other sides of it."""
    if _turns(said, one):
        return 0
    count = 0
    sides = stiff = False
    for kind in sorted({sign.kind for sign in said.signs}):
        mine = [sign for sign in said.signs if sign.kind == kind]
        theirs = [sign for sign in one.signs if sign.kind == kind]
        # What is open until six closes at six.
        if kind == "open" and _UNTIL.search(f"{said.text} {one.text}") and _same_clock(said, one):
            continue
        stiff = stiff or {sign.side for sign in (*mine, *theirs)} == {"must", "may"}
        if theirs and not {a.side for a in mine} & {b.side for b in theirs}:
            pairs = [(a, b) for a in mine for b in theirs]
            excludes = all(a.excludes(b) and _about_one(said, a, one, b) for a, b in pairs)
            count += excludes
            sides = sides or (excludes and kind not in _WITHOUT_SIDES)
    if count and _denies(said, one) != _denies(one, said):
        count += 1
    # "Must" and "may" take back nothing that another sign turns around.
    return 1 if stiff and count else count + (_turned(said, one) if sides else 0)


def _same_clock(said: Clause, one: Clause) -> bool:
    mine, theirs = ([v for v in each.values if v.kind == "clock"] for each in (said, one))
    return any(a.same(b) for a in mine for b in theirs)


def _turns(said: Clause, one: Clause) -> bool:
    """Tell whether an exception makes the rule's other side true: "only if" and "not unless"."""
    here, there = _IF.search(said.whole), _IF.search(one.whole)
    # "May if nobody" and "may not if somebody".
    if here and there and bool(_NEGATED.search(here[0])) != bool(_NEGATED.search(there[0])):
        return True
    if bool(_EXCEPTION.search(said.text)) != bool(_EXCEPTION.search(one.text)):
        return _negated(said) != _negated(one)
    beside = _EXCEPTION.search(one.whole)
    if not beside or _EXCEPTION.search(one.text) or _EXCEPTION.search(said.whole):
        return False
    rest = set(telling(one.whole[beside.end() :]))
    return len(rest & set(telling(said.whole))) * 2 >= len(rest)


def _negated(clause: Clause) -> bool:
    """Tell whether a clause has a "not" outside of its signs."""
    text = clause.text
    for sign in clause.signs:
        text = text[: sign.start] + " " * (sign.end - sign.start) + text[sign.end :]
    return len(_NEGATED.findall(text)) % 2 == 1


def _denies(clause: Clause, other: Clause) -> bool:
    """Tell whether a clause has a "not" more; "must not" is one beside what has no duty."""
    alone = not any(sign.kind == "duty" for sign in other.signs)
    return _negated(clause) != (alone and any(sign.side == "not" for sign in clause.signs))


def _about_one(said: Clause, one: Sign, stated: Clause, other: Sign) -> bool:
    """Tell whether "all" or "must" speak of the same word in both."""
    if one.kind not in ("duty", "share"):
        return True
    here, there = _next(said.text, one), _next(stated.text, other)
    return not here or not there or here == there


def _next(text: str, sign: Sign) -> str:
    """Give the first word behind a sign that tells."""
    rest = text[sign.end :].lstrip("由被把将向对为")
    for value in signs(rest):
        rest = rest[: value.start] + " " * (value.end - value.start) + rest[value.end :]
    return next(iter(telling(rest)), "")


def _turned(said: Clause, one: Clause) -> bool:
    """Tell whether words that both have stand in another order on both sides of the sign."""
    mine = [word for word in telling(said.text) if word in said.words and word in one.words]
    theirs = [word for word in telling(one.text) if word in said.words and word in one.words]
    return len(mine) > 1 and len(theirs) > 1 and mine[0] != theirs[0]


def _other_party(said: Clause, stated: Sequence[Clause]) -> Contrast | None:
    """Find a clause that has the claim's words but for one thing, in whose place another stands."""
    mine = _spelt(said.text)
    found: Contrast | None = None
    for place, one in enumerate(stated):
        theirs = _spelt(one.text)
        if not set(mine) - set(theirs) - _read_words(one):
            return None
        others = [
            _spelt(other.text)
            for at, other in enumerate(stated)
            if at != place and abs(other.sentence - one.sentence) <= 1
        ]
        if _replaced(mine, theirs, others) and not _has_verb(said, one):
            found = found or Contrast("parties", said.text, one.text)
    return found


def _has_verb(said: Clause, one: Clause) -> bool:
    """Tell whether the claim has a verb of its own behind "must" or "to": what is done, not who."""
    verbs = {word for found in _HELPED.finditer(said.text) for word in telling(found[1])}
    return bool(verbs - {*telling(one.text)})


def _read_words(one: Clause) -> set[str]:
    return {letter for word in one.more for letter in ([word] if word.isascii() else word)}


def _spelt(text: str) -> list[str]:
    """Give the words of a clause without the smallest, Chinese by the character."""
    words = []
    for found in _WORD.finditer(text):
        word = found[0].lower()
        if word not in _LIGHT and word not in LIGHT_HAN:
            words += telling(word) or [word] if word.isascii() else [word]
    return words


def _replaced(mine: list[str], theirs: list[str], others: Sequence[list[str]]) -> bool:
    """Tell whether one run of words stands in the place of another, and near by as well."""
    blocks = SequenceMatcher(None, theirs, mine, autojunk=False).get_opcodes()
    changed = [block for block in blocks if block[0] in ("replace", "insert")]
    if len(changed) != 1 or changed[0][0] != "replace":
        return False
    _, a, b, c, d = changed[0]
    old, new = theirs[a:b], mine[c:d]
    rest = len(mine) - len(new)
    if (
        max(len(old), len(new)) > _LONGEST
        or rest < 2
        or any(word[0].isdigit() for word in [*old, *new])
    ):
        return False
    # One character is a word only beside another: 甲方 and 乙方.
    if not new[0].isascii() and len(new) == 1:
        beside = [mine[c : c + 2], mine[c - 1 : c + 1] if c else []]
        return len(old) == 1 and any(
            len(pair) == 2 and _holds(pair, other) for pair in beside for other in others
        )
    if "".join(old) in _EMPTY:
        return False
    if set(old) & set(mine) or set(new) & set(theirs):
        return False
    return any(_holds(new, other) for other in others)


def _holds(run: list[str], words: list[str]) -> bool:
    return any(words[at : at + len(run)] == run for at in range(len(words) - len(run) + 1))
