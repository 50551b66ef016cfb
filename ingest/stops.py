"""Where a full stop, or any other mark, ends a sentence: English and Chinese."""

import re
from collections.abc import Iterator

HAN = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
CLOSERS = "\"'”’»›)\\]}）」』】〉》｣"

# The mark of a note, ³ or [3], stands behind the stop, and belongs to the sentence.
_STOP = re.compile(
    rf"([.!?…。！？；｡．]+)((?:[{CLOSERS}⁰¹²³⁴-⁹]|\[\d{{1,3}}\]| \[\d{{1,3}}\]_)*"
    r"(?:[*_]{1,3}(?=\s|$))?)"
)
_WIDE = frozenset("。！？；｡")
_IS_HAN = re.compile(rf"[{HAN}“‘「『《（【]")
# “走吗？”他问。
_SAYS = re.compile(r"[^\s，。！？；]{0,6}[说說问問道答喊叫想][^\s]{0,2}[，。：:,]")
# A stop behind another leads to the number of a page: ". . . 8".
_GOES_ON = frozenset("，、,;；:：)]}）」』】》–—-%.")
_PRINTED = re.compile(r"\S")
_CAMEL = re.compile(r"[a-z]{1,3}[A-Z]")
_WORD_BEFORE = re.compile(rf"[^\s{HAN}({{\[（“‘\"'「『《,;:，。；：、/]+$")
_LONGEST_WORD = 24
_LONGEST_STOP = 12
_LONGEST_QUOTE = 2000


def _among(words: str) -> frozenset[str]:
    return frozenset(words.split())


# What opens a sentence more often than it goes on with one: "Weber Inc. Every trader gets".
_OPENERS = _among(
    "A An The This That These Those It Its He She They We You His Her Their Our Your My There Here"
    " If When While Where What Who Why How Which In On At By For From With Without To Under Over"
    " Of As And But Or So Yet Not Then Thus Also After Before Since Until During Because Although"
    " However Therefore Moreover Please See Each Every All Any Both Some Many Most Few Several Only"
    " One Two Three No Nobody Everyone Visitors Guests Customers Children Is Are Was Were Do Does"
    " Did Can Could Will Would Shall Should Must May Has Have Had Let Once Today Tomorrow"
)
_MONTHS = _among(
    "January February March April May June July August September October November December"
)
_AFTER_HOURS = _MONTHS | _among(
    "Monday Tuesday Wednesday Thursday Friday Saturday Sunday"
    " EST EDT CST CDT PST PDT GMT UTC CET CEST BST"
)
_MONTH_NAMES = _MONTHS | {month[:3] for month in _MONTHS} | {"Januar", "Februar", "März"}

# Never the end, whatever follows.
_BOUND = _among(
    "mr mrs ms mx messrs dr prof rev hon col gen capt lt sgt maj cmdr gov sen rep pres st ste mt"
    " vs cf viz approx ca incl excl esp e.g i.e z.b d.h fr br"
)
# No end before a number, a sign or a single letter: "Art. 7", "Fig. B", "ext. (12)".
_NUMBERED = _among(
    "no nos nr fig figs art arts sec sect eq eqs p pp par para paras vol vols ch chap cl ref refs"
    " tab app apt rm bldg fl tel fax ext max min hr hrs ed pt sched reg regs ann anx pos ver lot"
    " op ser item cat id fn jan feb mar apr jun jul aug sep sept oct nov dec"
)
_DAY_NAMES = _among("Mon Tue Tues Wed Thu Thur Thurs Fri Sat Sun")
# The end only before what opens a sentence.
_LOOSE = _among(
    "inc ltd corp co llc plc jr sr bros dept univ ave blvd rd sq hwy al assn dist est gmbh s.a"
    " eds trans cit ibid intl govt"
)
_DOTTED = re.compile(r"(?:[A-Za-z]{1,2}\.)+[A-Za-z]{1,2}")
_SHORTENED = re.compile(r"[A-Z][bcdfghjklmnpqrstvwxz]{1,4}")
_NUMBERING = re.compile(r"(?:\d{1,3}(?:\.\d{1,3})*|[A-Za-z]|[ivxIVX]{1,5})")
# "Fig. 1. The reading room", "Step 2. Open the lid".
_NAMES_A_PART = re.compile(
    r"(?:Fig\.?|Figure|Tab\.?|Table|Chapter|Section|Part|Step|Annex|Appendix|Example|Note|Article"
    r"|Art\.?|Rule|Clause|Question|Item|Exhibit|Schedule|Box|Chart)"
)
_HAN_NUMBERING = re.compile("[一二三四五六七八九十]{1,3}")
_A_NUMBER = re.compile(r"[\d(\[#§№+~<>≤≥]|[ivxIVX]+\b|[A-Z]\b(?!['’.])")


def sentence_ends(text: str, start: int, end: int) -> Iterator[int]:
    """Yield the offset behind each sentence of ``text[start:end]``, one paragraph, but the last."""
    begun = start
    for found in _STOP.finditer(text, start, end):
        closers = found.group(2)
        place = found.end()
        quoted = max(begun, place - _LONGEST_QUOTE)
        if closers.startswith('"') and text.count('"', quoted, found.end(1)) % 2 == 0:
            place = found.end(1)
        after = place
        while after < end and text[after].isspace():
            after += 1
        ends = after < end and _ends(text, begun, found.end(1), place, after)
        # A mark with nothing before it ends nothing.
        if ends and _PRINTED.search(text, begun, found.start()):
            yield place
            begun = after


def is_open(text: str, begun: int, end: int, after: int) -> bool:
    """Tell whether the line that ends at ``end`` leaves its sentence open for the next, ``after``.

    ``begun`` is where the sentence, or the line, begins.
    """
    stops = list(_STOP.finditer(text, max(begun, end - _LONGEST_STOP), end))
    if not stops or text[stops[-1].end() : end].strip("*_ "):
        return True
    found = stops[-1]
    marks = found.group(1)
    if marks == "." and not found.group(2):
        return is_abbreviation(text, begun, found.start(), after)
    return set(marks) == {"…"} and _lower(text, after)


def _ends(text: str, begun: int, marks_end: int, place: int, after: int) -> bool:
    mark = text[marks_end - 1]
    follows = text[after]
    if mark in _WIDE:
        if follows in _GOES_ON and not text[place:after].count("\n"):
            return False
        asked = mark in "！？" and place > marks_end
        return not (asked and _SAYS.match(text, after))
    if mark == "．":
        before = text[begun : marks_end - 1].strip()
        numbers = bool(_NUMBERING.fullmatch(before) or _HAN_NUMBERING.fullmatch(before))
        return not (numbers or (before[-1:].isalnum() and follows.isdigit()))
    if mark == "…" or text[marks_end - 3 : marks_end] == "...":
        closed = place > marks_end and _IS_HAN.match(follows) and not _SAYS.match(text, after)
        return bool(closed) or (after > place and (follows.isupper() or follows in "“‘「『"))
    if after == place:
        before = text[marks_end - 2 : marks_end - 1]
        return bool(_IS_HAN.match(follows)) and (mark != "." or bool(_IS_HAN.match(before)))
    if follows in _GOES_ON or _lower(text, after):
        return False
    plain = mark == "." and place == marks_end
    return not (plain and is_abbreviation(text, begun, marks_end - 1, after))


def is_abbreviation(text: str, begun: int, dot: int, after: int) -> bool:
    """Tell whether the full stop at ``dot`` belongs to its word, and what follows to the sentence.

    ``begun`` is where the sentence begins, ``after`` where its next word would.
    """
    found = _WORD_BEFORE.search(text, max(begun, dot - _LONGEST_WORD), dot)
    if not found or after >= len(text):
        return False
    word, small = found.group().lstrip("*_"), found.group().lstrip("*_").lower()
    following = re.match(r"[\w]*", text[after : after + _LONGEST_WORD])
    next_word = following.group() if following else ""
    before = text[begun : found.start()].strip(" \t*_#>(（")
    if _NUMBERING.fullmatch(word) and (not before or _NAMES_A_PART.fullmatch(before)):
        return True
    if len(word) == 1 and word.islower():
        # "Smith v. Jones", "n. 3", "c. 1900".
        return word == "v" or text[after].isdigit()
    if small in _BOUND:
        return True
    if small in ("a.m", "p.m"):
        return next_word in _AFTER_HOURS
    if small in _NUMBERED or word in _DAY_NAMES:
        return bool(_A_NUMBER.match(text, after))
    if word.isdigit() and len(word) < 3:
        return next_word in _MONTH_NAMES or _opens_item(text[begun : found.start()], word)
    opens = next_word in _OPENERS
    if len(word) == 1 and word.isupper():
        return not opens and next_word[:1].isupper()
    known = small in _LOOSE or _DOTTED.fullmatch(word) or _SHORTENED.fullmatch(word)
    return bool(known) and not opens


def _opens_item(before: str, number: str) -> bool:
    """Tell whether a number stands before an item of a list that runs on in its sentence."""
    mark = before.rstrip()[-1:]
    return mark in ("：", "；", ";") or (mark == ":" and before[-1] != mark and number == "1")


def _lower(text: str, place: int) -> bool:
    return text[place : place + 1].islower() and not _CAMEL.match(text, place)
