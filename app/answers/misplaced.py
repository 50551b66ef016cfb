"""A value of a claim that the passage gives to another thing, and this thing another value."""

from collections.abc import Sequence
from dataclasses import dataclass

from bifolio.answers.clauses import MOMENTS, Clause, Value
from bifolio.answers.quantities import MEASURES
from bifolio.retrieval.telling import telling

DATES = ("date", "named month", "clock", "weekday", "year")
_MOST_SENTENCES = 3


@dataclass(frozen=True, slots=True)
class Misplaced:
    """A value of the claim, and the clause of the passage where what it speaks of has another."""

    value: Value
    rival: Clause


def misplaced(said: Clause, stated: Sequence[Clause]) -> Misplaced | None:
    """Find a value that the passage gives to another thing, and this thing another value."""
    for value in said.values:
        mine = [one for one in stated if any(value.same(other) for other in one.values)]
        # Who compares two years names both.
        if value.kind == "year" and sum(one.kind == "year" for one in said.values) > 1:
            continue
        # What a value becomes is said of the same things as that value.
        if not mine or (value.kind not in DATES and any(one.becomes for one in mine)):
            continue
        for rival in stated:
            # What is not open on Mondays is open on other days.
            open_ = rival not in mine and rival.negated == said.negated
            if open_ and _has_another(said, value, mine, rival):
                return Misplaced(value, rival)
    return None


def _has_another(said: Clause, value: Value, mine: Sequence[Clause], rival: Clause) -> bool:
    """Tell whether the rival clause has another value of what the claim gives this one."""
    timed = value.kind not in DATES
    then = all(_of_its_time(said, rival, one) or _parallel(rival, one) for one in mine)
    if not any(_comparable(value, other, said, then=then) for other in rival.values):
        return False
    if not any(abs(rival.sentence - one.sentence) <= _MOST_SENTENCES for one in mine):
        return False
    return all(
        (
            _nearer(said, rival, one)
            or _of_its_case(said, rival, one)
            or (timed and _of_its_time(said, rival, one))
        )
        and not (timed and _of_its_time(said, one, rival))
        and not _of_its_case(said, one, rival)
        and not _has_more(said, value, one, rival)
        for one in mine
    )


def _has_more(said: Clause, value: Value, own: Clause, rival: Clause) -> bool:
    """Tell whether another value of the claim stands beside this one in its clause alone."""
    others = [one for one in said.values if one is not value]
    return any(
        any(one.same(there) for there in own.values)
        and not any(one.same(there) for there in rival.values)
        for one in others
    )


def _comparable(value: Value, other: Value, said: Clause, *, then: bool) -> bool:
    """Tell whether one could stand for the other; bare numbers, if they differ by their time."""
    if value.same(other):
        return False
    if then and not {value.kind, other.kind} & {*MOMENTS, *MEASURES}:
        return True
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
    mine = said.items(sides=True)
    theirs = mine & (rival.items(sides=True) | rival.more)
    its = mine & own.items(sides=True)
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
        if time.kind in ("year", "weekday", "named month")
    )


def _of_its_case(said: Clause, one: Clause, other: Clause) -> bool:
    """Tell whether the claim has all words of a clause that adds a case to the one before.

    "It switches itself off after 30 minutes; in Eco mode, after 10."
    """
    if one.sentence != other.sentence or not one.words - other.read:
        return False
    return one.words <= said.words and one.whole.find(other.text) < one.whole.find(one.text)


def _parallel(one: Clause, other: Clause) -> bool:
    """Tell whether two clauses of a sentence hold as many numbers, in brackets or of one kind."""
    kinds = [sorted(value.kind for value in each.values) for each in (one, other)]
    return one.sentence == other.sentence and kinds[0] == kinds[1]


def _excludes(one: Clause, other: Clause) -> bool:
    return any(a.excludes(b) for a in one.signs for b in other.signs)
