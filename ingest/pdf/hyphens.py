"""Whether the hyphen at the end of a line belongs to the word."""

import re
from collections import Counter
from collections.abc import Sequence
from functools import cached_property

from bifolio.ingest.parsed import is_wide
from bifolio.ingest.pdf.codes import HYPHEN

_WORD = re.compile(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*")
_LAST = re.compile(rf"([^\W_]+(?:-[^\W_]+)*)[-{HYPHEN}]$")
_FIRST = re.compile(r"[^\W_]+(?:-[^\W_]+)*")
# Ends that make one word of what is before them, never two.
_ENDINGS = """
able ably age al ally ance ant ary ate ation ed en ence ent er ers es est ful fully hood ible ic
ical ied ier ies ing ings ion ions ish ism ist ists ity ive ize less lessly ling ly ment ments
ness or ors ous ry sion ship tion tions ty ure ward wards wise
"""
# First halves that are seldom the first syllable of a longer word, but often of a compound.
_FIRST_HALVES = """
all anti best big case check city class clock close closed co cost cross custom data day deep
double down drop dry early easy eight eighteen eighty eleven end energy eye face fair family
far fast fifteen fifty fine first five flat follow food forty four free fresh full future gas
general good great half hand hard heat heavy high home hot hour ice ill large laser last late
left life light line long longer low lower machine main market mid middle mother multi name near
new nine ninety non north oil old one open page part pay phase plug pre price public push
quasi quick rain ready real red right risk river room safety sea second self semi seven seventy
shop short side single six sixteen sixty slow small so soft solid south space stand state steam
steel step straight street student sugar table tax ten third thirty three time toll top touch
traffic turn twelve twenty two type upper user vacuum value walk warm water weather week weekly
well wheel whole wide wind wood word work world year zero
"""
# "Equally-weighted": no syllable ends like an adverb of these ("analy-sis", "cataly-tic" don't).
_ADVERB = re.compile(r"\w(?:al|ul|nt|us|ate|ete|ive|ish|ing|ed|ab|ib|gh|st|ar|er|ew)ly$")
# A slash ends the line inside the address of a page.
_ADDRESS = re.compile(r"\b(?:https?://|www\.)\S*/$")
_IN_ADDRESS = re.compile(r"(?:://|www\.|@)\S*$")
# "Pre- and post-war": what follows is no half of the word.
_AND = frozenset(("and", "or", "und", "oder"))
_ENDING_SET, _FIRST_SET = frozenset(_ENDINGS.split()), frozenset(_FIRST_HALVES.split())


class Vocabulary:
    """The words of a document that stand unbroken inside its lines."""

    def __init__(self, lines: Sequence[str]) -> None:
        self._lines = lines

    @cached_property
    def _seen(self) -> Counter[str]:
        seen: Counter[str] = Counter()
        broken = False
        for line in self._lines:
            words = _WORD.findall(line.lower())
            starts = 1 if broken else 0
            broken = line.endswith(("-", HYPHEN))
            seen.update(words[starts : len(words) - broken])
        return seen

    def join(self, before: str, after: str) -> str:
        """Put two lines of one paragraph together.

        Between Chinese characters nothing is put in the gap, elsewhere a space; a hyphen at the
        end stays where it belongs to the word: "long-" + "term", but "indus-" + "trial".
        """
        if not before or not after:
            return before + after
        # The last word only: a paragraph may be long.
        end = before[-1]
        if end in ("-", HYPHEN):
            last, first = _LAST.search(before[-60:]), _FIRST.match(after)
            if last and first:
                if first.group() in _AND and not self._seen[(last[1] + first.group()).lower()]:
                    return f"{before[:-1]}- {after}"
                in_address = bool(_IN_ADDRESS.search(before[-200:]))
                keeps = in_address or self._keeps_hyphen(last.group(1), first.group())
                return f"{before[:-1]}{'-' if keeps else ''}{after}"
        if end.isdigit() and after[0] == "%" and is_wide(after[1:2] or " "):
            return before + after
        if is_wide(end) or is_wide(after[0]) or (end == "/" and _ADDRESS.search(before[-200:])):
            return before + after
        return f"{before} {after}"

    def _keeps_hyphen(self, before: str, after: str) -> bool:
        if not (before.isalpha() and after[0].islower()):
            # "2024-" + "03", "COVID-" + "19", "Jean-" + "Pierre", "state-of-" + "the-art".
            return not (before[-1].isalpha() and after[0].islower()) or "-" in before
        joined, parted = (before + after).lower(), f"{before}-{after}".lower()
        if self._seen[joined] != self._seen[parted]:
            return self._seen[parted] > self._seen[joined]
        if len(before) == 1:
            # No typesetter leaves one letter on a line: "X-" + "ray".
            return True
        before, after = before.lower(), after.lower()
        if after in _ENDING_SET:
            return False
        whole = before in _FIRST_SET or _ADVERB.search(before)
        return bool(whole) or self._are_words(before, after)

    def _are_words(self, before: str, after: str) -> bool:
        # No typesetter leaves two letters on the next line: "check-" + "in".
        short = 2 if len(after) == 2 else 3
        both = self._seen[before] > 0 and (self._seen[after] > 0 or len(after) == 2)
        return both and len(before) >= 3 and len(after) >= short
