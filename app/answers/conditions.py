"""Whether something is said to need something else: "only with consent", "not without consent".

What needs it in one text and does not in the other ("even without", "at any time") contradicts;
what needs it in both agrees, however different the words are.
"""

import re
from typing import Literal

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
    mine, theirs = stance(claim), stance(stated)
    if not mine or not theirs:
        return None
    if mine != theirs:
        return False
    forms = bool(_ONLY.search(claim)), bool(_ONLY.search(stated))
    return True if mine == "needs" and forms[0] != forms[1] else None
