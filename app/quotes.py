"""Quotes mode: the sentences that answer best, word for word, without a language model."""

import re
from collections import Counter
from collections.abc import Sequence

from bifolio.answer import Citation
from bifolio.retrieval import Judge, Passage
from bifolio.retrieval.words import words
from bifolio.sentences import Sentence, sentences

MOST_QUOTES = 3
# So many sentences are read by the reranker; eight passages hold some hundred.
MOST_JUDGED = 40
# So many of them for the rare words that they share with the question.
_BY_WORDS = 12
# A further quote must score at least this share of the best one.
_SHARE = 0.6
# A heading repeats the question's words and seldom answers it.
_TOPIC = 0.4
# A sentence without the number or the code that was asked for is about another one.
_OTHER = 0.5
# What may stand before a heading's words: "3.2", "Chapter 3:", "第三章".
_LABEL = re.compile(
    r"[#\s]*(?:(?:chapter|section|part|appendix|article)\s+[\dA-Z.]+|第.{1,4}[章节節条條部]|[\d.]+)?"
    r"[\s:：.、-]*",
    re.IGNORECASE,
)

Scored = tuple[Sentence, float]


def quote(
    question: str, passages: Sequence[Passage], judge: Judge
) -> tuple[str, tuple[Citation, ...]]:
    """Compose an answer of quotes: its text with markers, and a citation for each.

    A row of a table is shown behind the table's head; its citation is the row alone.
    """
    chosen = _join(_best_sentences(question, passages, judge))
    citations = tuple(
        Citation(marker, sentence.passage, sentence.start, sentence.end, score)
        for marker, (sentence, score) in enumerate(chosen, start=1)
    )
    lines = [
        f"{_shown(sentence)} [{marker}]" for marker, (sentence, _) in enumerate(chosen, start=1)
    ]
    return "\n\n".join(lines), citations


def best_sentence(claim: str, passage: Passage, judge: Judge) -> Sentence:
    """Give the sentence of the passage that says most of what is claimed."""
    candidates = sentences(passage)
    judged = [candidate.judged for candidate in candidates]
    scores = judge.scores(claim, judged) * _exactness(claim, candidates)
    return candidates[int(scores.argmax())]


def _best_sentences(question: str, passages: Sequence[Passage], judge: Judge) -> list[Scored]:
    once: dict[str, Sentence] = {}
    for sentence in (one for passage in passages for one in sentences(passage)):
        once.setdefault(" ".join(sentence.judged.split()).casefold(), sentence)
    candidates = _likely(question, list(once.values()), judge)
    scores = judge.scores(question, [candidate.judged for candidate in candidates])
    exactness = _exactness(question, candidates)
    ranked = sorted(
        (
            # The passage's own score keeps a stray sentence of a poor passage behind.
            (one, (float(score) * one.passage.score) ** 0.5 * exact * _weight(question, one))
            for one, score, exact in zip(candidates, scores, exactness, strict=True)
        ),
        key=lambda entry: -entry[1],
    )
    best = ranked[0][1]
    further = [
        one for one in ranked[1:] if _weight(question, one[0]) == 1 and one[1] >= _SHARE * best
    ]
    return [ranked[0], *further[: MOST_QUOTES - 1]]


def _likely(question: str, candidates: list[Sentence], judge: Judge) -> list[Sentence]:
    """Give the candidates that are worth the reranker's time, in their order.

    Those with the question's rarest words, which tell the rows of a table apart, then those whose
    vectors are nearest.
    """
    if len(candidates) <= MOST_JUDGED:
        return candidates
    asked = set(words(question))
    held = [asked & set(words(candidate.judged)) for candidate in candidates]
    often = Counter(word for some in held for word in some)
    rarity = [sum(1 / often[word] for word in some) for some in held]
    order = sorted(range(len(candidates)), key=lambda place: -rarity[place])
    chosen = [place for place in order[:_BY_WORDS] if rarity[place] > 0]
    rest = sorted(set(range(len(candidates))) - set(chosen))
    texts = [candidates[place].judged for place in rest]
    chosen += [rest[place] for place in judge.nearest(question, texts, MOST_JUDGED - len(chosen))]
    return [candidates[place] for place in sorted(chosen)]


def _weight(question: str, sentence: Sentence) -> float:
    """Give 1 for what can answer, less for a topic that says no more than was asked."""
    if not sentence.topic:
        return 1.0
    said = _LABEL.sub("", sentence.text, count=1)
    new = set(words(said)) - set(words(question))
    _, colon, behind = said.replace("：", ":").partition(":")
    tells = any(any(map(str.isdigit, word)) for word in new) or (colon and set(words(behind)) & new)
    return 1.0 if tells and not said.endswith(("?", "？")) else _TOPIC


def _exactness(question: str, candidates: Sequence[Sentence]) -> list[float]:
    """Give 1 for what holds the numbers and codes of the question as well as any, less for less."""
    asked = {word for word in words(question) if any(map(str.isdigit, word))}
    held = [len(asked & set(words(_placed(candidate)))) for candidate in candidates]
    most = max(held)
    return [_OTHER + (1 - _OTHER) * count / most if most else 1.0 for count in held]


def _placed(sentence: Sentence) -> str:
    headings = sentence.passage.document.heading_path(sentence.start)
    return "\n".join([*headings, sentence.judged])


def _join(chosen: list[Scored]) -> list[Scored]:
    """Make one quote of sentences that follow each other; the best comes first."""
    ordered = sorted(chosen, key=lambda entry: (entry[0].passage.document.path, entry[0].start))
    joined: list[Scored] = []
    for sentence, score in ordered:
        if joined and _follows(joined[-1][0], sentence):
            before, best = joined.pop()
            sentence = Sentence(before.passage, before.start, sentence.end)
            score = max(best, score)
        joined.append((sentence, score))
    return sorted(joined, key=lambda entry: -entry[1])


def _follows(before: Sentence, after: Sentence) -> bool:
    if before.passage is not after.passage or before.head != after.head:
        return False
    return not before.passage.document.text[before.end : after.start].strip()


def _shown(sentence: Sentence) -> str:
    if not sentence.head:
        return " ".join(sentence.text.split())
    return " / ".join(" ".join(line.split()) for line in sentence.judged.split("\n"))
