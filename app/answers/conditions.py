"""Whether something is said to need something else: "only with consent", "not without consent".

What needs it in one text and does not in the other ("even without", "at any time") contradicts;
what needs it in both agrees, however different the words are.
"""

import re
from typing import Literal

from bifolio.answers.alike import common, is_denied, parts, share
from bifolio.retrieval.telling import telling

Stance = Literal["needs", "free", ""]

_ONLY = re.compile(
    r"\bonly\s+(?:if|when|with|after|once|where|by|on)\b|\bprovided that\b"
    r"|只有|仅[在限当有]|只能在|方可|才[可能会]",
    re.IGNORECASE,
)
_LACKING = re.compile(r"\bwithout\b|未经|没有.{1,12}(?=[的也可不就]|,)", re.IGNORECASE)
_EXCEPT = re.compile(
    r"\bunless\b|\bbefore\b|\buntil\b|除非|之前|以前|前(?=[不禁切])", re.IGNORECASE
)
_ALWAYS = re.compile(
    r"\beven (?:if|when|without|though)\b|\bregardless\b|\bat any time\b|\bwhenever\b|\bno matter\b"
    r"|即[使便]|哪怕|无论|不管|随时|任何时候",
    re.IGNORECASE,
)
_DENIED = re.compile(
    r"\b(?:not|never|no|nobody|none|cannot|forbidden|prohibited)\b|n't\b"
    r"|不[得能可许准应]|不允许|禁止|严禁|切?勿|无法",
    re.IGNORECASE,
)


# "Only members may", and what is said of all others, or of anybody.
_ONLY_WHO = re.compile(
    r"\bonly\s+(?P<en>(?!if|when|with|after|once|where|by|on)[a-z][\w ]{1,60}?)\s+"
    r"(?=may|can|are|is|must|have|has|will)"
    r"|\bonly\s+by\s+(?P<by>[a-z][\w ]{1,40}?)(?=[.,;]|\s(?:in|on|at|and|if|when|which|who)\b|\Z)"
    r"|(?:只有|仅限)(?![在当经])(?P<zh>[\u4e00-\u9fff]{1,16}?)(?=才|可|能|有)"
    r"|只[能可]由(?P<agent>[\u4e00-\u9fff]{1,12}?)(?=进行|办理|承担|负责|实施|[操执]作|[，,。]|\Z)",
    re.IGNORECASE,
)
_OTHERS = re.compile(r"\bnon-?(?=[a-z]{4})|非(?=[\u4e00-\u9fff]{2,5}[不禁可也能])", re.IGNORECASE)
_ANYBODY = re.compile(
    r"\b(?:anyone|anybody|everyone|everybody|(?:all|every|any)\s+[a-z]+(?=\s+(?:may|can)))\b"
    r"|(?:所有|任何|每[个位名])[\u4e00-\u9fff]{1,4}?(?=[都均也]|可以)[都均]?|任何人|人人|谁都",
    re.IGNORECASE,
)
# "Only laptops" is one thing, and "only members" another.
_ONLY_THAT = re.compile(
    r"\bonly\s+(?:(?:the|an?|to|by|for|with)\s+)?(?P<what>[a-z]{3,})"
    r"(?=\s*(?:[.,;]|\Z|\s(?:may|can|is|are|must|in|on|at|for|from|to|by|with|during|per)\b))",
    re.IGNORECASE,
)
_EVEN_IF = re.compile(
    r"\beven (?:if|when|though)\s+(?P<en>[^,.;]+)"
    r"|(?:即[使便]|哪怕)(?P<zh>[^,，。]+)|也(?P<too>)[应要须可能]",
    re.IGNORECASE,
)
_EXCEPTED = re.compile(
    r"\b(?:unless|except)\b|(?P<zh>[^,，。;；]{2,14}?)的?除外|除非", re.IGNORECASE
)
_WITHOUT_EXCEPTION = re.compile(
    r"\balways\b|\bwithout exception\b|\bunder no circumstances\b|\bin (?:all|every) cases?\b"
    r"|一律|任何情况下|无一例外|随时",
    re.IGNORECASE,
)
# What holds for all, and what limits it to some.
_EVERY = re.compile(
    r"\b(?:all|every|each|any|everyone|everybody|anyone|anybody|always)\b"
    r"|所有|全部|任何|每[次个位名件]",
    re.IGNORECASE,
)
_LIMIT = re.compile(
    r"\b(?:only|if|when|unless|except|(?:in|for|to|with) whom)\b|只|仅|如果?|若|除", re.IGNORECASE
)
_BESIDES = re.compile(
    r"\b(?:except|apart from)\s+(?:(?:for|in|on|during|at)\s+)?(?P<en>[^,.;]+)"
    r"|除(?![非了])(?P<zh>[^,，]{1,10}?)(?:之|以)?外",
    re.IGNORECASE,
)
# Several of whom something is said.
_AND = re.compile(r"\s+(?:and|or)\s+(?:the\s+|an?\s+)?|[和与及或、]", re.IGNORECASE)
# "Nobody but" them.
_BUT = re.compile(r"\b(?:but|except|besides|other than|apart from|unless)\b|除", re.IGNORECASE)
_WITHOUT = re.compile(r"\bwithout\s+(?P<what>[^,.;]+)", re.IGNORECASE)
_IF = re.compile(r"\b(?:if|when)\s+(?P<what>[^,.;]+)", re.IGNORECASE)
_SAME = 0.7
_ALL_OF_IT = 0.9
_NOT = re.compile("[不没未非无]")
_ONLY_ALL = re.compile(
    r"\b(?:only|except|without|unless|but|other than|outside)\b|[只仅]|以外|之外|除", re.IGNORECASE
)


def stance(text: str) -> Stance:
    """Tell what a sentence says of a condition; empty if it names none."""
    if _ALWAYS.search(text):
        return "free"
    rest = _LACKING.sub(" ", text)
    denied = len(_DENIED.findall(rest)) % 2 == 1
    if _ONLY.search(text):
        return "" if denied else "needs"
    if _LACKING.search(text):
        return "needs" if denied else "free"
    return "needs" if denied and _EXCEPT.search(text) else ""


def compared(claim: str, stated: str) -> bool | None:
    """Tell whether two texts say the same of a condition in other words, or the opposite of it.

    None where that is not plain: one of them names none, or both say it in the same form.
    """
    if (said := exempt(claim, stated)) is not None:
        return said
    if _lacks(claim, stated):
        return False
    mine, theirs = stance(claim), stance(stated)
    if not mine or not theirs:
        return None
    if mine != theirs:
        return False
    forms = bool(_ONLY.search(claim)), bool(_ONLY.search(stated))
    return True if mine == "needs" and forms[0] != forms[1] else None


def exempt(claim: str, stated: str) -> bool | None:
    """Compare what a text says of others with what one says of some alone, or with an exception."""
    even, excepted = _EVEN_IF.search(claim), _EXCEPTED.search(stated)
    if even and excepted and not _EVEN_IF.search(stated):
        case = even["en"] or even["zh"] or excepted["zh"] or ""
        size = common(case, case)
        if size > 1 and min(common(case, claim), common(case, stated)) >= _SAME * size:
            return False
    if _of_fewer(claim, stated):
        return False
    if _without_exception(claim, stated) or _for_all(claim, stated) or _barred(claim, stated):
        return False
    if (beside := _besides(claim, stated)) is not None:
        return beside
    if (moved := _alone(stated, claim, moved=True)) is not None:
        return moved
    return _alone(claim, stated)


def _without_exception(claim: str, stated: str) -> bool:
    """Tell whether a claim holds always, and a text says the same but for an exception."""
    always, excepted = _WITHOUT_EXCEPTION.search(claim), _EXCEPTED.search(stated)
    if not always or not excepted or _EXCEPTED.search(claim) or _WITHOUT_EXCEPTION.search(stated):
        return False
    return share(claim.replace(always[0], ""), stated) >= _SAME


def _for_all(claim: str, stated: str) -> bool:
    """Tell whether a claim says of all, or always, what a text says of some alone, or of a case."""
    every, limit = _EVERY.search(claim), _LIMIT.search(stated)
    if not every or not limit or _EVERY.search(stated) or _LIMIT.search(claim):
        return False
    only = limit[0].lower() in ("only", "只", "仅")
    # "Only members may" is no less than "all members may".
    if only and common(" ".join(telling(stated[limit.end() :])[:1]), claim):
        return False
    least = _SAME if only else _ALL_OF_IT
    rest = claim.replace(every[0], "")
    size = common(rest, rest)
    return (
        size > 1 and common(rest, stated) >= least * size and is_denied(claim) == is_denied(stated)
    )


def _barred(claim: str, stated: str) -> bool:
    """Tell whether a claim denies what a text says is all that may be: "only there"."""
    if not is_denied(claim) or _ONLY_ALL.search(claim) or _OTHERS.search(claim):
        return False
    said = _NOT.sub("", claim)
    for clause in [clause for some in parts(stated) for clause in some]:
        only = _ONLY_ALL.search(clause)
        if only and not is_denied(clause) and common(said, clause) == common(said, said) > 1:
            return True
    return False


def _besides(claim: str, stated: str) -> bool | None:
    """Compare what a claim says of the very thing that a text leaves out; None if it does not."""
    left_out = _BESIDES.search(stated)
    if not left_out or _BESIDES.search(claim):
        return None
    what = left_out["en"] or left_out["zh"]
    rest = stated.replace(left_out[0], "")
    size, other = common(what, what), _without(what, claim).replace(what, "")
    if (
        not size
        or common(what, claim) < size
        or common(other, rest) < _ALL_OF_IT * common(other, other)
    ):
        return None
    return is_denied(other) != is_denied(rest)


def _lacks(claim: str, stated: str) -> bool:
    """Tell whether a claim allows without something what a text allows if there is that."""
    lacking, needed = _WITHOUT.search(claim), _IF.search(stated)
    if not lacking or not needed or _LACKING.search(stated) or _DENIED.search(claim):
        return False
    size = common(lacking["what"], lacking["what"])
    there = common(lacking["what"], needed["what"]) == size
    return size > 0 and there and not _DENIED.search(needed["what"])


def _of_fewer(claim: str, stated: str) -> bool:
    """Tell whether a claim leaves out, or denies, one of several of whom alone a text says it."""
    who = _ONLY_WHO.search(stated)
    if not who or _DENIED.search(stated):
        return False
    several = _AND.split(_named(who))
    rest = stated.replace(who[0], "")
    mine = _ONLY_WHO.search(claim)
    if mine:
        named = [one for one in several if common(one, mine[0]) == common(one, one)]
        own = _AND.split(_named(mine))
        fewer = len(named) == len(own) < len(several)
        return fewer and share(claim.replace(mine[0], ""), rest) >= _SAME
    if len(_DENIED.findall(claim)) != 1 or _OTHERS.search(claim) or _BUT.search(claim):
        return False
    denied = [one for one in several if common(one, claim) == common(one, one) > 0]
    return any(share(_without(one, claim), rest) >= _SAME for one in denied)


def _named(who: re.Match[str]) -> str:
    return who["en"] or who["by"] or who["zh"] or who["agent"]


def _without(words: str, text: str) -> str:
    for word in words.split():
        text = re.sub(rf"\b{re.escape(word)}\b", "", text, flags=re.IGNORECASE)
    return text


def _alone(one: str, other: str, *, moved: bool = False) -> bool | None:
    """Compare what a text says of some alone with what another says of others, or of anybody.

    ``moved`` is to look for an "only" that the other has in another place, too.
    """
    if not _ONLY_WHO.search(one) or _ONLY_WHO.search(other):
        return None
    for clause in [clause for some in parts(one) for clause in some]:
        who = _ONLY_WHO.search(clause)
        if not who or _DENIED.search(clause):
            continue
        what = _ONLY_THAT.search(other) if moved else None
        if what and share(clause, other) == 1 and _changes(what["what"], who[0], clause):
            return False
        if _OTHERS.search(other) and share(clause, other) >= _SAME:
            return len(_DENIED.findall(other)) % 2 == 1
        anybody = _ANYBODY.search(other)
        if anybody and not _DENIED.search(other) and not common(_named(who), other):
            rest, beside = (
                text.replace(found[0], "") for text, found in ((clause, who), (other, anybody))
            )
            alike = share(rest, beside)
            if alike == 1 or (common(rest, beside) > 1 and alike >= _SAME):
                return False
    return None


def _changes(what: str, who: str, clause: str) -> bool:
    return not common(what, who) and bool(common(what, clause))
