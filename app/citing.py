"""Answers written by a language model: keys in the prompt, markers in the text, both checked."""

import re
import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence

from bifolio.answer import Citation
from bifolio.quotes import best_sentence
from bifolio.retrieval import Judge, Passage

_KEY_BYTES = 2
# Numbers too: only we may write a marker, so what a document or a model numbered is dropped.
_KEY = r"(?:[0-9a-fA-F]{4}|\d{1,3})"
_GAP = r"[,;，；、\s]+"
_KEYS = re.compile(rf"[\[【]({_KEY}(?:{_GAP}{_KEY})*)[\]】]")
# What may still become keys in brackets, at the end of what has come so far.
_MAYBE_KEYS = re.compile(r"[\[【][0-9a-fA-F,;，；、\s]*$")
_MARKER = re.compile(r"\[(\d+)\]")
_CLAIM_END = re.compile(
    r"(?<=[。！？])\s*(?=[^\s\[.!?。！？])|(?<=[.!?])\s+(?=[^\s\[.!?。！？])|\n+(?!\[)"
    r"|(?<=\])\s*(?=[^\s\[.,;。，；])"
)


def with_keys(passages: Iterable[Passage]) -> dict[str, Passage]:
    """Give each passage a random key, so that no document can cite itself."""
    keyed: dict[str, Passage] = {}
    for passage in passages:
        key = secrets.token_hex(_KEY_BYTES)
        while key in keyed or key.isdigit():
            key = secrets.token_hex(_KEY_BYTES)
        keyed[key] = passage
    return keyed


class Markers:
    """Replaces keys by numbers in the order of their first use; unknown keys are dropped."""

    def __init__(self, keys: Iterable[str]) -> None:
        self._known = set(keys)
        self.numbers: dict[str, int] = {}

    def replace(self, pieces: Iterable[str]) -> Iterator[str]:
        """Yield the pieces with markers for keys, holding back what may become a key."""
        held = ""
        for piece in pieces:
            text = _KEYS.sub(self._marker, held + piece)
            open_ = _MAYBE_KEYS.search(text)
            cut = open_.start() if open_ else len(text)
            held = text[cut:]
            if text[:cut]:
                yield text[:cut]
        if held:
            yield held

    def _marker(self, found: re.Match[str]) -> str:
        used = []
        for key in re.split(_GAP, found.group(1).lower()):
            if key in self._known:
                used.append(self.numbers.setdefault(key, len(self.numbers) + 1))
        return "".join(f"[{number}]" for number in used)


def cite(
    text: str,
    passages: Mapping[int, Passage],
    *,
    judge: Judge,
    threshold: float | None,
) -> tuple[Citation, ...]:
    """Compare every cited sentence with its passages, ``passages`` being those of each marker.

    A citation is supported if each sentence that bears its marker scores at least ``threshold``
    (half, where there is none) against the passage; its quote is what its first sentence rests on.
    """
    claims: dict[int, list[str]] = {}
    for sentence in _CLAIM_END.split(text):
        for marker in _MARKER.findall(sentence):
            if (number := int(marker)) in passages:
                claims.setdefault(number, []).append(_MARKER.sub("", sentence).strip())
    return tuple(
        _citation(number, claims[number], passages[number], judge, threshold)
        for number in sorted(claims)
    )


def _citation(
    number: int,
    claims: Sequence[str],
    passage: Passage,
    judge: Judge,
    threshold: float | None,
) -> Citation:
    quoted = best_sentence(claims[0], passage, judge)
    score = min(float(judge.scores(claim, [passage.text])[0]) for claim in claims)
    supported = score >= (0.5 if threshold is None else threshold)
    return Citation(number, passage, quoted.start, quoted.end, score, supported)
