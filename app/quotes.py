"""Quotes mode: the sentences that answer best, word for word, without a language model."""

from collections.abc import Sequence

from bifolio.answer import Citation
from bifolio.retrieval import Judge, Passage
from bifolio.sentences import Sentence, is_heading, sentences

MOST_QUOTES = 3
# So many sentences are read by the reranker; eight passages hold some hundred.
MOST_JUDGED = 40
# A further quote must score at least this share of the best one.
_SHARE = 0.6


def quote(
    question: str, passages: Sequence[Passage], judge: Judge
) -> tuple[str, tuple[Citation, ...]]:
    """Compose an answer of quotes: its text with markers, and a citation for each."""
    chosen = _join(_best_sentences(question, passages, judge))
    citations = tuple(
        Citation(marker, sentence.passage, sentence.start, sentence.end, score)
        for marker, (sentence, score) in enumerate(chosen, start=1)
    )
    lines = [f"{' '.join(cited.quote.split())} [{cited.marker}]" for cited in citations]
    return "\n\n".join(lines), citations


def best_sentence(claim: str, passage: Passage, judge: Judge) -> Sentence:
    """Give the sentence of the passage that says most of what is claimed."""
    candidates = sentences(passage)
    scores = judge.scores(claim, [candidate.text for candidate in candidates])
    return candidates[int(scores.argmax())]


def _best_sentences(
    question: str, passages: Sequence[Passage], judge: Judge
) -> list[tuple[Sentence, float]]:
    everything = [sentence for passage in passages for sentence in sentences(passage)]
    candidates = [one for one in everything if not is_heading(one)] or everything
    texts = [one.text for one in candidates]
    candidates = [candidates[place] for place in judge.nearest(question, texts, MOST_JUDGED)]
    # The passage's own score keeps a stray sentence of a poor passage behind.
    scores = judge.scores(question, [candidate.text for candidate in candidates])
    ranked = sorted(
        (
            (candidate, (float(score) * candidate.passage.score) ** 0.5)
            for candidate, score in zip(candidates, scores, strict=True)
        ),
        key=lambda entry: -entry[1],
    )
    best = ranked[0][1]
    return [entry for entry in ranked[:MOST_QUOTES] if entry[1] >= _SHARE * best]


def _join(chosen: list[tuple[Sentence, float]]) -> list[tuple[Sentence, float]]:
    """Make one quote of sentences that follow each other; the best comes first."""
    ordered = sorted(chosen, key=lambda entry: (entry[0].passage.document.path, entry[0].start))
    joined: list[tuple[Sentence, float]] = []
    for sentence, score in ordered:
        if joined and _follows(joined[-1][0], sentence):
            before, best = joined.pop()
            sentence = Sentence(before.passage, before.start, sentence.end)
            score = max(best, score)
        joined.append((sentence, score))
    return sorted(joined, key=lambda entry: -entry[1])


def _follows(before: Sentence, after: Sentence) -> bool:
    if before.passage is not after.passage:
        return False
    return not before.passage.document.text[before.end : after.start].strip()
