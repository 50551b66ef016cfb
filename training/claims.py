"""Claims beside passages of the other language, true and false, made of translations by rule.

A sentence's translation is true beside the passage that holds the sentence. It becomes false by a
change of either side, by a detail that the passage has not, or beside what stands near; and it is
true after the same change of both sides, or where it says less than the passage.
"""

import random
import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bifolio.retrieval.telling import telling
from training.aligned import Aligner
from training.changing import Both, Pairs, denied, opposed, renumbered, replaced, swapped
from training.data import rows

_EVERYDAY = "tatoeba"  # single sentences in no order; all other sources are running text
_TRANSLATED_BY_MACHINE = "-mt"
_LENGTHS = {"en": (20, 320), "zh": (6, 160)}
_OFTEN = 4  # everyday sentences count so many times
_RARE = 400  # of them have a word that tells them from others, at most
_ALIKE = 0.35  # of changes are made on both sides
_FRAMED, _UNSTOPPED, _TOGETHER, _LINES = 0.08, 0.1, 0.15, 0.3
_LONGEST = 900  # characters of a passage
_POOL = 20_000  # sentences whose words may stand in for others
_TRIES = 10
_BESIDE = 0.4  # of the words that stand in for others stand near
_NEAR = (4, 12)  # lines
_ENGLISH_DETAIL = re.compile(
    r" (?:for|with|by|from|because|in|on|when|if|to|at|that|which|and|during|near|without)\b"
    r"[^.;:()]{10,80}(?=[.!]?$)"
)
_ENGLISH_PARTS = re.compile(
    r"(?<=[,;]) |(?= (?:for|with|by|from|because|when|if|during|without|using)\b)"
)
_ENGLISH_TAIL = re.compile(
    r" (?:for|with|by|from|because|using|through|during|in|on|at)\b[^,.;:()]{8,70}(?=\.$)"
)
_DENYING = re.compile(r"\b(?:not|no|only|never)\b|n't\b")
# What begins so is no statement by itself.
_ENGLISH_HALF = re.compile(r"(?i)if|when|unless|after|before|for|in|to|without")
_CHINESE_HALF = re.compile("如果|若|当|除非|在|为|要|对于|由于|因为|虽然")
_FORMS = ("ing", "ed", "ly", "tion", "s")
# What is tried, and how often; where a change cannot be made another is drawn.
_SHARES = {
    "translation": 20,
    "swap": 14,
    "replace": 16,
    "opposite": 10,
    "negation": 10,
    "number": 25,
    "detail": 20,
    "other": 10,
}


@dataclass(frozen=True, slots=True)
class Example:
    """A claim beside a passage of the other language; ``kind`` says what was done to it."""

    claim: str
    passage: str
    true: bool
    kind: str


@dataclass(frozen=True, slots=True)
class _Said:
    """What the passage says in its language, and the claim in the other, not yet put together."""

    both: Both
    true: bool = True
    kind: str = "translation"


class Claims:
    """Makes examples of the sentences in ``folder`` that people translated."""

    def __init__(self, folder: Path) -> None:
        self._aligner = Aligner(rows(folder / "dictionary_en_zh.jsonl.gz"))
        every = rows(folder / "parallel_en_zh.jsonl.gz")
        self._rows = [row for row in every if not row["source"].endswith(_TRANSLATED_BY_MACHINE)]
        whole = [place for place, row in enumerate(self._rows) if _is_sentence(row)]
        self._everyday = [place for place in whole if self._source(place) == _EVERYDAY]
        running = [place for place in whole if self._source(place) != _EVERYDAY]
        self._places = running + self._everyday * _OFTEN
        self._by_word: dict[str, list[int]] = defaultdict(list)
        for place in self._everyday:
            for word in self._words(place):
                self._by_word[word].append(place)
        self._pool: dict[str, Pairs] = defaultdict(list)
        for place in random.Random(0).sample(whole, min(_POOL, len(whole))):
            for pair in self._aligner.aligned(self._both(place).en, self._both(place).zh):
                self._pool[_form(pair[0])].append(pair)

    def draw(self, chance: random.Random) -> Example:
        """Give one example; either side may be the English one."""
        place, english = chance.choice(self._places), chance.random() < 1 / 2
        for _ in range(_TRIES):
            (kind,) = chance.choices(list(_SHARES), list(_SHARES.values()))
            said = self._said(kind, place, chance, english=english)
            if said:
                return self._put_together(said, place, chance, english=english)
        return self._put_together(_Said(self._both(place)), place, chance, english=english)

    def _said(self, kind: str, place: int, chance: random.Random, *, english: bool) -> _Said | None:
        both = self._both(place)
        if kind == "translation":
            return _Said(both)
        if kind == "other":
            other = self._both(self._near(place, chance))
            claimed = replace(both, en=other.en) if english else replace(both, zh=other.zh)
            return _Said(claimed, true=False, kind=kind)
        if kind == "detail":
            if chance.random() < 1 / 3:
                near = self._both(self._near(place, chance))
                return _longer(both, near, chance, english=english)
            return _shorter(both, chance, english=english)
        change: dict[str, Callable[[], Both | None]] = {
            "swap": lambda: swapped(both, self._aligner.aligned(both.en, both.zh), chance),
            "replace": lambda: self._replaced(place, chance),
            "opposite": lambda: opposed(both, chance),
            "negation": lambda: denied(both, chance),
            "number": lambda: renumbered(both, chance),
        }
        return _on_sides(kind, both, change[kind](), chance)

    def _replaced(self, place: int, chance: random.Random) -> Both | None:
        """Put a word of the same form in a word's place, of a sentence near it or of any."""
        both = self._both(place)
        words = self._aligner.aligned(both.en, both.zh)
        if not words:
            return None
        word = chance.choice(words)
        for _ in range(_TRIES):
            near = self._both(self._near(place, chance))
            beside = self._aligner.aligned(near.en, near.zh) if chance.random() < _BESIDE else []
            others = beside or self._pool[_form(word[0])] or words
            other = chance.choice(others)
            known = other[0].lower() in both.en.lower() or other[1] in both.zh
            alike = self._aligner.meant(word[0]) & self._aligner.meant(other[0])
            if not known and not alike and _form(word[0]) == _form(other[0]):
                return replaced(both, word, other)
        return None

    def _near(self, place: int, chance: random.Random) -> int:
        """Give a sentence that stands near, or an everyday one that shares most words with it."""
        if self._source(place) != _EVERYDAY:
            for _ in range(_TRIES):
                other = place + chance.choice((-1, 1)) * chance.randint(*_NEAR)
                if self._is_beside(place, other) and _is_sentence(self._rows[other]):
                    return other
            return chance.choice(self._places)
        mine = self._words(place)
        rare = sorted(word for word in mine if 1 < len(self._by_word[word]) < 400)
        if not rare:
            return chance.choice(self._everyday)
        sharing = self._by_word[chance.choice(rare)]
        own = self._rows[place]["zh"]
        some = [
            other
            for other in chance.sample(sharing, min(8, len(sharing)))
            if self._rows[other]["zh"] != own
        ]
        if not some:
            return chance.choice(self._everyday)
        return max(some, key=lambda other: len(mine & self._words(other)))

    def _put_together(
        self, said: _Said, place: int, chance: random.Random, *, english: bool
    ) -> Example:
        """Put the sentence among what stands around it; the claim may be two, or have a frame."""
        before, after = self._around(place, chance)
        claim, own = (said.both.en, said.both.zh) if english else (said.both.zh, said.both.en)
        kind = said.kind
        if after and kind == "translation" and chance.random() < _TOGETHER:
            more = self._both(after[0])
            claim = f"{claim} {more.en}" if english else f"{claim}{more.zh}"
            kind = "two"
        passage = [*before, None, *after]
        parts = [own if one is None else self._in(one, english=not english) for one in passage]
        space = "\n" if chance.random() < _LINES else "" if english else " "
        if chance.random() < _FRAMED:
            framed = f"According to the documents, {claim[:1].lower()}{claim[1:]}"
            claim = framed if english else f"根据文档，{claim}"
        if chance.random() < _UNSTOPPED:
            claim = claim.rstrip(".。")
        return Example(claim, space.join(parts)[:_LONGEST], said.true, kind)

    def _around(self, place: int, chance: random.Random) -> tuple[list[int], list[int]]:
        """Draw what stands before and behind; everyday sentences stand among any."""
        if self._source(place) == _EVERYDAY:
            if chance.random() >= 0.6:
                return [], []
            before = [chance.choice(self._everyday) for _ in range(chance.choice((0, 1, 2)))]
            return before, [self._near(place, chance) for _ in range(chance.choice((0, 1)))]
        most = [chance.choice((0, 0, 0, 1, 1, 2)) for _ in range(2)]
        before = [place - step for step in range(most[0], 0, -1)]
        after = [place + step for step in range(1, most[1] + 1)]
        return (
            [one for one in before if self._is_beside(place, one)],
            [one for one in after if self._is_beside(place, one)],
        )

    def _is_beside(self, place: int, other: int) -> bool:
        return 0 <= other < len(self._rows) and self._source(other) == self._source(place)

    def _source(self, place: int) -> str:
        return str(self._rows[place]["source"])

    def _both(self, place: int) -> Both:
        row = self._rows[place]
        return Both(row["en"].strip(), row["zh"].strip())

    def _in(self, place: int, *, english: bool) -> str:
        return self._both(place).en if english else self._both(place).zh

    def _words(self, place: int) -> set[str]:
        return set(telling(self._rows[place]["en"]))


def _is_sentence(row: dict[str, Any]) -> bool:
    return all(
        least <= len(row[language]) <= most and row[language].rstrip()[-1:] in tuple(".!。！")
        for language, (least, most) in _LENGTHS.items()
    )


def _form(word: str) -> str:
    """Tell numbers, names and words by what they end in: what stands in for another is alike."""
    if not word[0].islower():
        return "number" if word[0].isdigit() else "name"
    return next((ending for ending in _FORMS if word.endswith(ending)), "word")


def _on_sides(kind: str, both: Both, changed: Both | None, chance: random.Random) -> _Said | None:
    """Change one side, which makes the claim false, or both, which leaves it true."""
    if changed is None or changed == both:
        return None
    if both.en != changed.en and both.zh != changed.zh and chance.random() < _ALIKE:
        return _Said(changed, kind=f"{kind} of both")
    sides = [replace(both, en=changed.en), replace(both, zh=changed.zh)]
    return _Said(chance.choice([side for side in sides if side != both]), true=False, kind=kind)


def _longer(both: Both, near: Both, chance: random.Random, *, english: bool) -> _Said | None:
    """Give the claim a detail of what stands near."""
    if english:
        details = _ENGLISH_DETAIL.findall(near.en)
        longer = [replace(both, en=f"{both.en.rstrip('.! ')}{one}.") for one in details]
    else:
        plain = both.zh.rstrip("。.！ ")
        details = [one for one in re.split("[，；。]", near.zh) if 5 <= len(one) <= 40]
        forms = [f"{plain}，{one}。" for one in details] + [f"{one}，{plain}。" for one in details]
        longer = [replace(both, zh=form) for form in forms]
    return _Said(chance.choice(longer), true=False, kind="more") if longer else None


def _shorter(both: Both, chance: random.Random, *, english: bool) -> _Said | None:
    """Take a part out of the passage, so that the claim says more, or out of the claim."""
    if chance.random() < 1 / 3:
        own = both.zh if english else both.en
        parts = _parts(own, english=not english)
        place = chance.randrange(len(parts))
        if len(parts) == 1 or len(parts[place]) <= (5 if english else 15):
            return None
        rest = _joined(parts[:place] + parts[place + 1 :], english=not english)
        less = replace(both, zh=rest) if english else replace(both, en=rest)
        return _Said(less, true=False, kind="less")
    said = _beginning(both.en if english else both.zh, english=english)
    if not said:
        return None
    return _Said(replace(both, en=said) if english else replace(both, zh=said), kind="summed up")


def _parts(text: str, *, english: bool) -> list[str]:
    return _ENGLISH_PARTS.split(text) if english else re.split("(?<=[，；])", text)


def _joined(parts: Sequence[str], *, english: bool) -> str:
    if english:
        return " ".join(part.strip() for part in parts).rstrip(",;. ") + "."
    return "".join(parts).rstrip("，；。") + "。"


def _beginning(text: str, *, english: bool) -> str:
    """Give what a sentence says before its first comma, or without its last words; "" if nothing.

    What depends on a condition is not said without it.
    """
    if not english:
        first, *rest = re.split("[，；]", text)
        return f"{first}。" if rest and len(first) >= 8 and not _CHINESE_HALF.match(first) else ""
    first, *rest = re.split("(?<=[,;]) ", text)
    if rest and len(first) > 25 and not _ENGLISH_HALF.match(first):
        return first.rstrip(",; ") + "."
    tail = _ENGLISH_TAIL.search(text)
    if tail and tail.start() > 20 and not _DENYING.search(text):
        return text[: tail.start()] + "."
    return ""
