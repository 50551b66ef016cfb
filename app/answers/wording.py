"""Two sentences word by word: another number, a "not" that came or went, parties swapped."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from bifolio.answers.opposites import signs
from bifolio.answers.quantities import quantities

Kind = Literal["number", "date", "negation", "parties"]
Block = tuple[str, int, int, int, int]

# So much of a claim must stand in a sentence, in its order or another, to be compared with it.
_LEAST_SHARE = 0.7
# So much of it must be there, numbers aside, for another number in the same place to count.
_TWIN = 0.85
_NOT = (
    "not no never cannot without neither nor none nobody nothing nowhere "
    "不 没 無 无 未 非 勿 别 莫 毋"
)
_NEGATORS = frozenset(_NOT.split())
# They deny too, in their own way: beside one of them a missing "not" proves nothing.
_DENIALS = re.compile(
    r"forbid|prohibit|ban\b|banned|refus|reject|den[yi]|fail|lack|exclud|except|unless|hardl|rarel"
    r"|seldom|imposs|unable|un[a-z]{4}|in(?:valid|eligib|complet|correct|suffic)|free|avoid"
    r"|prevent|stop|ceas|cancel|clos|absen|missing|only|other|than|half|less"
    r"|[禁止拒免除缺停闭关仅只少失否避]"
)
_EXCEPTIONS = ("unles", "except", "除非")
_TURNS = (*_EXCEPTIONS, "onl", "仅", "只")
# Words that a "not" brings along or takes away.
_HELP = (
    "do does did be is are was were been being am will would shall should can could may might must "
    "have has had need needs to a an the any some it there that this ever yet at all of "
    "有 是 会 能 可 以 得 必 须 需 要 应 该 被 了 过 曾 将 的 地 在 就 都 也 还 又 再 许 准 让 "
    "已 请 with already still also even too 经 绝 从 并 决 毫 尚 仍 永"
)
_HELPERS = frozenset(_HELP.split())
_NAMES_OF_DAYS = "monday tuesday wednesday thursday friday saturday sunday"
_NAMES_OF_MONTHS = (
    "january february march april may june july august september october november december"
)
_DAYS, _MONTHS = frozenset(_NAMES_OF_DAYS.split()), frozenset(_NAMES_OF_MONTHS.split())
CALENDAR = _DAYS | _MONTHS
# What joins equals: they may change places around it.
_JOIN = "and or , ; & / with between as 和 与 及 或 、 ， ； 跟 同 以 并 且 又"
_BUT = {"but", "但", "而"}
_JOINTS = frozenset(_JOIN.split())
_AS_THEY_ARE = _NEGATORS | _HELPERS | _DAYS | _MONTHS
_LIGHT = frozenset({*",;、，；&/", "the", "a", "an"})
_LONGEST_NAME = 14
# With a number alone these turn nothing around.
_BESIDE = {"for", "在", "有", "名"}
_PASSIVE = {"by", "被", "由", "受", "遭"}
# Words with a "not" inside that deny nothing.
_IDIOMS = (
    r"not only|costs? nothing|whether or not|not just|not to mention|no\.? ?(?=\d)|if not"
    r"|不仅|不但|不只|不光|不过|不同|不断|不久|不少|不管|不论|无论|非常|未来|特别|区别|分别|个别|类别|级别|别的"
    r"|别人|无线|非洲|是否|不锈钢|不得不|无非|莫非|除非|不错|不一|无人机|性别|识别|辨别|差别|告别|未成年|不动产"
    r"|不禁"
)
_AT_MOST = (
    r"(?:no|not) (?:more|longer|later|higher|larger|greater) than|at most|up to"
    r"|不[得能可]?超过|不[得能可]?(?:多|高|大|晚)于|至多|最多|最迟"
)
_AT_LEAST = (
    r"(?:no|not) (?:less|fewer|earlier|lower|smaller|shorter) than|at least"
    r"|不[得能可]?(?:少|低|小|早)于|至少|最少"
)
_TOKEN = re.compile(
    rf"(?P<idiom>{_IDIOMS})|(?P<most>{_AT_MOST})|(?P<least>{_AT_LEAST})"
    r"|\#[a-z]*[0-9.e+-]+|[a-z]+n['’]t\b|can ?not\b|[a-z0-9]+(?:[.,:][0-9]+)*"
    r"|[\u3400-\u4dbf\u4e00-\u9fff]|[,;、，；&/]",
    re.IGNORECASE,
)
_LETTER = re.compile(r"(?<=[a-z]\s)([A-HJ-Z])(?!\w|['’]|\.\w|\. [A-Z])", re.ASCII)
_ENDINGS = re.compile(r"(?<=[a-z]{3})(?:ies|es|s|ed|ing|e|y)\Z")
# Sentences about what the passage does not say are no denials of it.
_ABOUT_TEXT = re.compile(
    r"\b(?:passages?|documents?|texts?|sources?|context|excerpts?)\b.{0,20}\b(?:not|no)\b"
    r"|n't\b.{0,12}\b(?:say|mention|state|specify)"
    r"|(?:文档|文中|原文|资料|段落|文本).{0,6}[没未不]",
    re.IGNORECASE,
)
_NOT_ALL = re.compile(
    r"\bnot (?:all|every|everyone)\b|(?:不是|并非)(?:所有|全部|每)", re.IGNORECASE
)

_NAMED_AS = re.compile(r"\bas (?:an?|the)\b|作为|用作|当作")
_GENITIVE = re.compile(r"(?<=\w's )(\w+)")
_IS = re.compile(r"\b(?:is|are|was|were)\b|[为是]")
# Words about where a sentence is from are no part of what it says.
_FRAME = re.compile(
    r"\A(?:according to|as stated in|as described in|based on|per) (?:the|this|these|your)? ?"
    r"(?:[\w ]{0,30}?)(?:documents?|passages?|texts?|guides?|manuals?|handbooks?|reports?|sources?"
    r"|context|paragraphs?|information)[^,.]{0,30}, "
    r"|\A(?:the|this) (?:document|passage|text|guide|manual|handbook|report) "
    r"(?:says|states|notes) that "
    r"|\A(?:根据|按照|依据|据)[^，。]{0,12}(?:文档|资料|原文|规定|手册|指南|报告|文件|记载|段落?|片段|信息)"
    r"[^，。]{0,6}[，,]",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Difference:
    """How a claim departs from a sentence that has its words."""

    kind: Kind
    claimed: str
    stated: str


def difference(claim: str, sentences: Sequence[str]) -> Difference | None:
    """Compare a claim with the sentences that come nearest; None where one of them says the same.

    A sentence that has too few of the claim's words proves nothing.
    """
    mine = _tokens(claim)
    if len(mine) < 2:
        return None
    candidates = []
    for sentence in sentences:
        theirs = _tokens(sentence)
        share = _share(mine, theirs)
        if share >= _LEAST_SHARE:
            candidates.append((share, theirs, sentence))
    if not candidates:
        return None
    best = max(share for share, _, _ in candidates)
    found: Difference | None = None
    for share, theirs, sentence in sorted(candidates, key=lambda entry: -entry[0]):
        if share < best - 0.05:
            break
        told = _told(claim, mine, theirs)
        if told == "parties" and (_other_sides(claim, sentence) or _same_turned(claim, sentence)):
            told = None  # "A has more than B" and "B has less than A"
        if told == "number" and _without_units(claim, sentence):
            told = None
        if told is None:
            return None
        found = found or Difference(told, claim, sentence)
    return found


def _without_units(claim: str, sentence: str) -> bool:
    """Tell whether a sentence has the claim's numbers, some without a unit: "after 10"."""
    there = quantities(sentence)
    return all(
        any(one.says(other) or (one.equals(other) and not other.measure) for other in there)
        for one in quantities(claim)
    )


def _other_sides(claim: str, sentence: str) -> bool:
    mine = {(one.kind, one.side) for one in signs(claim)}
    theirs = {(one.kind, one.side) for one in signs(sentence)}
    kinds = {kind for kind, _ in mine - theirs} & {kind for kind, _ in theirs - mine}
    return any(kind not in {kind for kind, _ in mine & theirs} for kind in kinds)


def _same_turned(claim: str, sentence: str) -> bool:
    """Tell whether the other order says the same: "A succeeds B" is "B before A"."""
    kinds = [{one.kind for one in signs(text)} for text in (claim, sentence)]
    of = [f"{one[1]} of" for one in _GENITIVE.finditer(f"{claim} {sentence}")]
    if any((whose in claim) != (whose in sentence) for whose in of):
        return True  # "Quickfin, the flagship of the fleet" and "the fleet's flagship Quickfin"
    named = _NAMED_AS.search(sentence) and not _NAMED_AS.search(claim) and _IS.search(claim)
    return bool(named) or "order" in kinds[0] - kinds[1]


def denies(text: str) -> bool:
    """Tell whether a text holds a "not", or a word of its kind."""
    return _count(_tokens(text)) > 0


def without_frame(sentence: str) -> str:
    """Leave out the words that say where a sentence is from: "According to the handbook, "."""
    return _FRAME.sub("", sentence)


def _told(claim: str, mine: list[str], theirs: list[str]) -> Kind | None:
    blocks = SequenceMatcher(None, theirs, mine, autojunk=False).get_opcodes()
    if not (_ABOUT_TEXT.search(claim) or _NOT_ALL.search(claim)) and _denies(mine, theirs, blocks):
        return "negation"
    if _share(mine, theirs) >= _TWIN and (kind := _number(mine, theirs, blocks)):
        return kind
    return "parties" if _swapped(mine, theirs) else None


def _number(mine: list[str], theirs: list[str], blocks: Sequence[Block]) -> Kind | None:
    """Tell whether one number, month or day stands where the other sentence has another."""
    if len([word for word in mine if word not in _HELPERS and word[0] != "#"]) < 2:
        return None
    for kind, a, b, c, d in blocks:
        pairs = list(zip(theirs[a:b], mine[c:d], strict=False))
        if kind != "replace" or b - a != d - c or b - a > 2:
            continue
        if all(old[0] == "#" == new[0] and new not in theirs for old, new in pairs):
            return "number"
        if any(all({old, new} <= names for old, new in pairs) for names in (_DAYS, _MONTHS)):
            return "date"
    return None


def _tokens(text: str) -> list[str]:
    tokens = []
    for number in reversed(quantities(text)):
        # A quarter is 25 %.
        is_share = not number.measure and 0 < number.value < 1
        measure = "percent" if is_share else number.measure.replace(" ", "")
        value = f" #{measure}{number.base * (100 if is_share else 1):.9g} "
        text = text[: number.start] + value + text[number.end :]
    # "Ship A" has a name, "a ship" has not.
    text = _LETTER.sub(r"letter\1", text)
    for found in _TOKEN.finditer(text.lower().replace("无法", "不能")):
        word = found[0].replace("’", "'")
        if word == "nor" and "neither" in tokens:
            tokens.append("and")
        elif found["idiom"] or found["most"] or found["least"]:
            tokens.append("<most>" if found["most"] else "<least>" if found["least"] else word)
        elif word.endswith("n't"):
            tokens += [{"wo": "will", "ca": "can"}.get(word[:-3], word[:-3]), "not"]
        elif word in ("cannot", "can not"):
            tokens += ["can", "not"]
        else:
            tokens.append(word)
    return [word if word in _AS_THEY_ARE else _ENDINGS.sub("", word) for word in tokens]


def _share(mine: Sequence[str], theirs: Sequence[str]) -> float:
    """Give the share of the claim's own words that the sentence has, numbers aside."""
    own = [word for word in mine if word not in _NEGATORS and word not in _HELPERS | _JOINTS]
    own = [word for word in own if not word.startswith("#")]
    common = Counter(own) & Counter(theirs)
    return sum(common.values()) / len(own) if own else 0.0


def _denies(mine: list[str], theirs: list[str], blocks: Sequence[Block]) -> bool:
    """Tell whether a "not" stands in one of them only, among words that both have."""
    changed = {
        word
        for kind, a, b, c, d in blocks
        if kind != "equal"
        for word in (*theirs[a:b], *mine[c:d])
    }
    # "Not unless" is "if": the other half of a double negation.
    if any(word.startswith(_TURNS) for word in changed - _left_out(mine, theirs)):
        return False
    count = 0
    for place, (kind, a, b, c, d) in enumerate(blocks):
        if kind == "equal":
            continue
        old, new = theirs[a:b], mine[c:d]
        if _count(old) % 2 == _count(new) % 2:
            continue
        if any(_DENIALS.match(word) for word in (*old, *new)):
            continue
        count += _only_denies(old, new) and _between(blocks, place, theirs)
    # Two of them take each other back, and so does one that stands elsewhere in the other.
    rest = [(theirs[a:b], mine[c:d]) for kind, a, b, c, d in blocks if kind != "equal"]
    moved = any(_count(old) % 2 for old, _ in rest) and any(_count(new) % 2 for _, new in rest)
    return count % 2 == 1 and not moved


def _left_out(mine: Sequence[str], theirs: Sequence[str]) -> set[str]:
    """Give the words that begin an exception of which the other sentence says nothing."""
    for place, word in enumerate(theirs):
        if word.startswith(_EXCEPTIONS):
            tail = [one for one in theirs[place + 1 :] if one not in _HELPERS | _JOINTS]
            return {word} if tail and not set(tail) & set(mine) else set()
    return set()


def _count(words: Sequence[str]) -> int:
    return sum(word in _NEGATORS for word in words)


def _only_denies(old: Sequence[str], new: Sequence[str]) -> bool:
    """Tell whether the words differ in "not" and what it brings along.

    A claim that adds a "not" may have dropped details for it; one that drops details may have
    dropped a "not" that was theirs, unless it stood behind them, before what both say. Behind a
    comma it begins another clause.
    """
    content = [word for word in old if word not in _HELPERS and word not in _NEGATORS]
    if ";" in old or "；" in old:
        return False
    if old.count(",") == 1 and content[:1] not in ([], [","]) and not (new or _BUT & set(old)):
        return False
    rest = [
        [word for word in words if word not in _NEGATORS and word not in _HELPERS]
        for words in (old, new)
    ]
    ends = [word for word in old if word not in _HELPERS][-1:]
    return not rest[1] and (not rest[0] or not _count(old) or ends[0] in _NEGATORS)


def _between(
    blocks: Sequence[tuple[str, int, int, int, int]], place: int, theirs: list[str]
) -> bool:
    """Tell whether both sentences agree about the words after the "not", or before at the end."""
    after = blocks[place + 1 :][:1]
    if after:
        return any(word not in _JOINTS for word in theirs[after[0][1] : after[0][2]])
    return place > 0


def _swapped(mine: list[str], theirs: list[str]) -> bool:
    """Tell whether two parties changed places around words that stayed between them."""
    if _is_passive(mine) != _is_passive(theirs):
        return False
    if _turned(mine, theirs):
        return True
    # Of a claim that leaves something out, what both have once.
    once, there = Counter(mine), Counter(theirs)
    common = {word for word in once if once[word] == 1 and there[word] == 1} - _LIGHT
    left = [[word for word in words if word in common] for words in (mine, theirs)]
    # What a claim says in words of its own may turn it back; a "to" tells no party's part.
    if any(
        word not in there and word not in _HELPERS | _JOINTS and word[0] != "#" for word in mine
    ):
        return False
    told = [word for word in left[0] if word not in _HELPERS]
    return _turned(*left) and _turned(told, [word for word in left[1] if word not in _HELPERS])


def _is_passive(words: Sequence[str]) -> bool:
    included = any(
        words[at] in ("is", "are", "was", "were", "been") and words[at + 2] in ("in", "with", "on")
        for at in range(len(words) - 2)
    )
    return included or bool(_PASSIVE & set(words))


def _turned(new: list[str], old: list[str]) -> bool:
    """Tell whether one is X M Y and the other Y M X, but for equal words around it."""
    while new and old and new[0] == old[0]:
        new, old = new[1:], old[1:]
    while new and old and new[-1] == old[-1]:
        new, old = new[:-1], old[:-1]
    if len(new) != len(old) or Counter(new) != Counter(old):
        return False
    for one in range(1, min(_LONGEST_NAME, len(old) - 1)):
        for other in range(1, min(_LONGEST_NAME, len(old) - one)):
            middle, last = old[one : len(old) - other], old[len(old) - other :]
            if new == [*last, *middle, *old[:one]] and _parties(old[:one], middle, last):
                return True
    return False


def _parties(one: Sequence[str], middle: Sequence[str], other: Sequence[str]) -> bool:
    content = [
        [word for word in words if word not in _HELPERS | _NEGATORS and word[0] != "#"]
        for words in (one, other)
    ]
    between = [word for word in middle if word[0] not in "#<" and word not in _BESIDE]
    return all(content) and any(word not in _JOINTS for word in between)
