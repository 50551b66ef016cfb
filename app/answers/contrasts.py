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
from bifolio.answers.clauses import NEGATED, Clause, anchors, clauses
from bifolio.answers.misplaced import DATES, misplaced
from bifolio.answers.opposites import Sign, signs
from bifolio.retrieval.telling import telling

Kind = Literal["number", "date", "opposite", "parties"]
_UNTIL = re.compile(r"\b(?:until|till|to)\b|[至到]", re.IGNORECASE)
# So much of the words of a claim's clause must stand in one of the passage to be compared with it.
_NEAR = 0.75
_FEW = 2
# What a clause is only read with says a little less.
_READ = 0.9
_EXCEPTION = re.compile(
    r"\b(?:unless|except|only|without)\b|除非|除外|除了|只有|仅|只", re.IGNORECASE
)
_IF = re.compile(r"\b(?:if|when|as long as)\b.*|(?:如果|[若当]).*", re.IGNORECASE)
# Beside one of these a clause may deny, or be true of some cases alone.
_OPEN_DENIAL = re.compile(
    rf"{_EXCEPTION.pattern}|{_IF.pattern}|\b(?:neither|nor)\b|[都也]不", re.IGNORECASE
)
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
    "his her this that these those it they then also so as than first every each all any some "
    "since because when while if"
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
            or _affirmed(said, stated)
            or _other_order(said, stated)
            or _other_party(said, stated)
        )
        if found:
            return found
    return None


def _exception(mine: Sequence[Clause], stated: Sequence[Clause]) -> Contrast | None:
    """Find an exception of the passage that the claim takes for the rule."""
    claim = frozenset().union(*(one.words for one in mine))
    if any(_EXCEPTION.search(one.text) or one.negated or _frees(one) for one in mine):
        return None
    for place, one in enumerate(stated):
        main = stated[place - 1] if place else None
        if not (_BEGINS_EXCEPTION.match(one.text) and main and main.sentence == one.sentence):
            continue
        said = {word for word in one.words if not _BEGINS_EXCEPTION.match(word)}
        forbids = main.negated or any(sign.side == "not" for sign in main.signs)
        enough = bool(main.words) and len(main.words & claim) >= _NEAR * len(main.words)
        if said and said <= claim and enough and not forbids:
            return Contrast("opposite", " ".join(one.text for one in mine), one.whole)
    return None


def _other_value(said: Clause, stated: Sequence[Clause]) -> Contrast | None:
    """Find a value that the passage gives to another thing, and this thing another value."""
    found = misplaced(said, stated)
    if not found:
        return None
    kind: Kind = "date" if found.value.kind in DATES else "number"
    written = said.text[found.value.start : found.value.end].strip()
    return Contrast(kind, written, found.rival.text)


def _other_side(said: Clause, stated: Sequence[Clause]) -> Contrast | None:
    """Find a clause with the claim's words, but with the other side of one of its signs."""
    mine = said.items(values=True)
    if not mine or not said.signs:
        return None
    shares = [_share(mine, one) for one in stated]
    best = max(shares, default=0.0)
    if best < _NEAR:
        return None
    near = [one for one, share in zip(stated, shares, strict=True) if share >= best - 1e-9]
    if len(mine) <= _FEW:
        # A word or two stand in clauses about anything.
        kinds = {sign.kind for sign in said.signs}
        near = [one for one in near if kinds & {sign.kind for sign in one.signs}] or near
    if any(_flips(said, one) % 2 == 0 for one in near):
        return None
    return Contrast("opposite", said.text, near[0].text)


def _denied(said: Clause, stated: Sequence[Clause]) -> Contrast | None:
    """Find a "but not" whose words the claim affirms, or a denial whose exception it leaves out."""
    if said.negated or _EXCEPTION.search(said.whole) or _frees(said):
        return None
    for one in stated:
        about = one.more | (set(telling(one.whole)) - one.words)
        short = _BUT_NOT.match(one.text) and one.words <= said.words and about & said.words
        excepted = _EXCEPTION.search(one.whole) and not _EXCEPTION.search(one.text)
        same = excepted and _plain(one) == _plain(said) and len(said.words) > 1 and one.negated
        # "It does not cover wear", where "it" is the claim's subject; "tripods are not".
        plain = said.words <= one.read and len(said.words) > len(one.words) and one.negated
        elided = _ELIDED.search(one.text) and _shares_more(said, one)
        plain = plain and not _EXCEPTION.search(one.whole)
        other = one.words <= said.words and (plain or elided)
        if one.words and (short or other or (same and not _turns(said, one))):
            return Contrast("opposite", said.text, one.whole)
    return None


def _affirmed(said: Clause, stated: Sequence[Clause]) -> Contrast | None:
    """Find a clause that affirms, in its own words alone, what the claim denies."""
    if not said.negated or _OPEN_DENIAL.search(said.whole):
        return None
    affirmed = _plain(said)
    told = [one for one in stated if affirmed and affirmed <= _plain(one)]
    if (
        len(said.words) < 2
        or not told
        or any(one.negated or _frees(one) or one.signs != () for one in told)
    ):
        return None
    open_ = any(_OPEN_DENIAL.search(one.whole) for one in told)
    return None if open_ else Contrast("opposite", said.text, told[0].whole)


def _plain(one: Clause) -> set[str]:
    """Give the words of a clause without its "not", Chinese by the character."""
    text = NEGATED.sub(" ", one.text)
    return set(telling(text) if text.isascii() else _spelt(text))


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
        denied = (sum(one.negated for one in near) + side.startswith("with")) % 2 == 1
        enough = common(said.whole, one.whole) >= _NEAR * common(said.whole, said.whole)
        if enough and not back and denied == bool(NEGATED.search(said.whole)):
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
    own = one.items(values=True)
    # Who names the same number or day speaks of what its whole sentence speaks of.
    shares_value = any(f"{value.value}" in mine for value in one.values)
    more = one.more | frozenset(telling(one.whole) if shares_value else ())
    return (len(mine & own) + _READ * len(mine & more - own)) / len(mine)


def _flips(said: Clause, one: Clause) -> int:
    """Count the kinds of which both clauses have a sign, and other sides of it."""
    stiff = _must_or_may(said, one)
    if _turns(said, one) and not stiff:
        return 0
    count = 0
    sides = False
    for kind in sorted({sign.kind for sign in said.signs}):
        mine = [sign for sign in said.signs if sign.kind == kind]
        theirs = [sign for sign in one.signs if sign.kind == kind]
        # What is open until six closes at six.
        if kind == "open" and _UNTIL.search(f"{said.text} {one.text}") and _same_clock(said, one):
            continue
        if theirs and not {a.side for a in mine} & {b.side for b in theirs}:
            pairs = [(a, b) for a in mine for b in theirs]
            excludes = all(a.excludes(b) and _about_one(said, a, one, b) for a, b in pairs)
            count += excludes
            sides = sides or (excludes and kind not in _WITHOUT_SIDES)
    if count and _denies(said, one) != _denies(one, said):
        count += 1
    # "Must" and "may" take back nothing that another sign turns around.
    return 1 if stiff and count else count + (_turned(said, one) if sides else 0)


def _must_or_may(said: Clause, one: Clause) -> bool:
    """Tell whether one clause says "must" and the other "may", and neither a "not" with it."""
    mine, theirs = ({s.side for s in each.signs if s.kind == "duty"} for each in (said, one))
    return bool(mine and theirs) and mine | theirs == {"must", "may"}


def _same_clock(said: Clause, one: Clause) -> bool:
    mine, theirs = ([v for v in each.values if v.kind == "clock"] for each in (said, one))
    return any(a.same(b) for a in mine for b in theirs)


def _turns(said: Clause, one: Clause) -> bool:
    """Tell whether an exception makes the rule's other side true: "only if" and "not unless"."""
    here, there = _IF.search(said.whole), _IF.search(one.whole)
    # "May if nobody" and "may not if somebody".
    if here and there and bool(NEGATED.search(here[0])) != bool(NEGATED.search(there[0])):
        return True
    if bool(_EXCEPTION.search(said.text)) != bool(_EXCEPTION.search(one.text)):
        return said.negated != one.negated
    beside = _EXCEPTION.search(one.whole)
    if not beside or _EXCEPTION.search(one.text) or _EXCEPTION.search(said.whole):
        return False
    rest = set(telling(one.whole[beside.end() :]))
    return len(rest & set(telling(said.whole))) * 2 >= len(rest)


def _denies(clause: Clause, other: Clause) -> bool:
    """Tell whether a clause has a "not" more; "must not" is one beside what has no duty."""
    alone = not any(sign.kind == "duty" for sign in other.signs)
    return clause.negated != (alone and any(sign.side == "not" for sign in clause.signs))


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
        beside = set(_spelt(one.whole)) - set(theirs) if said.text.isascii() else set()
        others = [
            _spelt(other.text)
            for at, other in enumerate(stated)
            # Characters stand near one another by chance.
            if at != place and (said.text.isascii() or abs(other.sentence - one.sentence) <= 1)
        ]
        own = [word for word in mine if word not in beside]
        replaced = any(
            _replaced(words, theirs, others, _signed(said, one)) for words in (mine, own)
        )
        if replaced and not _EXCEPTION.search(one.text) and not _has_verb(said, one):
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


def _signed(*clauses_: Clause) -> set[str]:
    """Give the words of signs: who says "allowed" for "forbidden" names nobody else."""
    found = (one.text[sign.start : sign.end] for one in clauses_ for sign in one.signs)
    return {word for text in found for word in _spelt(text)}


def _replaced(
    mine: list[str], theirs: list[str], others: Sequence[list[str]], signed: set[str]
) -> bool:
    """Tell whether one run of words stands in the place of another, and near by as well."""
    blocks = SequenceMatcher(None, theirs, mine, autojunk=False).get_opcodes()
    changed = [block for block in blocks if block[0] in ("replace", "insert")]
    if len(changed) != 1 or changed[0][0] != "replace":
        return False
    _, a, b, c, d = changed[0]
    # What the claim leaves out before its first word or behind its last stands in nobody's place.
    size = d - c + 1
    a, b = (max(a, b - size), b) if not c else (a, min(b, a + size)) if d == len(mine) else (a, b)
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
    if signed.intersection(old) and signed.intersection(new):
        return False
    return any(_holds(new, other) for other in others)


def _holds(run: list[str], words: list[str]) -> bool:
    return any(words[at : at + len(run)] == run for at in range(len(words) - len(run) + 1))
