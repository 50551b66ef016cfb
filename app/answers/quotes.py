"""Quotes mode: the sentences that answer best, word for word, without a language model."""

import re
from collections import Counter
from collections.abc import Sequence

from bifolio.answers.answer import Citation
from bifolio.answers.evidence import evidence
from bifolio.answers.ranges import held, range_of
from bifolio.answers.sentences import Sentence, cells_of, sentences
from bifolio.ingest.lines import kind_of
from bifolio.ingest.sentences import one_line
from bifolio.retrieval import Judge, Passage
from bifolio.retrieval.telling import stems, telling
from bifolio.retrieval.words import words

MOST_QUOTES = 3
# So many sentences at most, of which those that follow each other are one quote.
_MOST_SENTENCES = 5
# So many sentences are read by the reranker; eight passages hold some hundred.
MOST_JUDGED = 40
# So many of them for the rare words that they share with the question.
_BY_WORDS = 12
# A further quote must score at least this share of the best one.
_SHARE = 0.6
# Of a sentence of prose beside the best one less is enough: it goes on with the thought. Chosen by
# hand on half 0 of the sets; bench/quotes.py --half 1 measures it.
_BESIDE = 0.43
# A heading repeats the question's words and seldom answers it.
_TOPIC = 0.4
# A line that has no word but the question's is none.
_ECHO = 0.1
_STATED = (".", "!", "。", "！")
# A sentence without the number or the code that was asked for is about another one.
_OTHER = 0.5
# So many characters before a sentence may name it: "Invoice 1003", then its total.
_BEFORE = 200
# So many characters between two quotes of a passage, a short sentence, and they are one.
_GAP = 100
# What may stand before a heading's words: "3.2", "Chapter 3:", "第三章".
_LABEL = re.compile(
    r"[#\s]*(?:(?:chapter|section|part|appendix|article)\s+[\dA-Z.]+|第.{1,4}[章节節条條部]|[\d.]+)?"
    r"[\s:：.、-]*",
    re.IGNORECASE,
)

Scored = tuple[Sentence, float]


def quote(
    question: str, passages: Sequence[Passage], judge: Judge, *, asked: str = ""
) -> tuple[str, tuple[Citation, ...]]:
    """Compose an answer of quotes: its text with markers, and a citation for each.

    A row of a table is shown behind the table's head; its citation is the row alone. ``asked`` is
    the part of the question that says what kind of thing is wanted, by default all of it.
    """
    chosen = _join(_best_sentences(question, passages, judge, asked))[:MOST_QUOTES]
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


def likely_sentences(
    question: str, passages: Sequence[Passage], judge: Judge, *, asked: str = ""
) -> list[Sentence]:
    """Give of each passage the sentence that looks most like an answer, whether or not it is one.

    ``asked`` is as for :func:`quote`.
    """
    ranked = [one for one, _ in _ranked(question, passages, judge, asked)]
    # Of a passage none of whose sentences was worth the reranker's time, the first.
    ranked += [sentences(passage)[0] for passage in passages]
    return [next(one for one in ranked if one.passage is passage) for passage in passages]


def _best_sentences(
    question: str, passages: Sequence[Passage], judge: Judge, asked: str
) -> list[Scored]:
    ranked = _ranked(question, passages, judge, asked)
    first, best = ranked[0]
    further = [
        (one, score)
        for one, score in ranked[1:]
        if score >= (_BESIDE if _goes_on(first, one) else _SHARE) * best
        and _weight(question, one) == 1
    ]
    return _once([ranked[0], *further])[:_MOST_SENTENCES]


def _ranked(question: str, passages: Sequence[Passage], judge: Judge, asked: str) -> list[Scored]:
    """Give the sentences of passages that may answer, best first, each with its score."""
    everything = [sentence for passage in passages for sentence in sentences(passage)]
    texts = _likely(question, list(dict.fromkeys(one.judged for one in everything)), judge)
    scores = dict(zip(texts, judge.scores(question, texts).tolist(), strict=True))
    candidates = [one for one in everything if one.judged in scores]
    proofs = evidence(question, candidates, [scores[one.judged] for one in candidates], asked=asked)
    return sorted(
        (
            # The passage's own score keeps a stray sentence of a poor passage behind.
            (one, (proof * one.passage.score) ** 0.5 * exact * own * _weight(question, one))
            for one, proof, exact, own in zip(
                candidates,
                proofs,
                _exactness(question, candidates),
                _share_of(set(telling(asked)) if asked != question else set(), candidates),
                strict=True,
            )
        ),
        key=lambda entry: -entry[1],
    )


def _once(ranked: list[Scored]) -> list[Scored]:
    """Leave out what says the same, word for word, as a better one."""
    said: dict[str, Scored] = {}
    for entry in ranked:
        said.setdefault(one_line(entry[0].judged).casefold(), entry)
    return list(said.values())


def _likely(question: str, texts: list[str], judge: Judge) -> list[str]:
    """Give the texts that are worth the reranker's time, in their order.

    Those with the question's rarest words, which tell the rows of a table apart, then those whose
    vectors are nearest.
    """
    if len(texts) <= MOST_JUDGED:
        return texts
    asked = set(words(question))
    held = [asked & set(words(text)) for text in texts]
    often = Counter(word for some in held for word in some)
    rarity = [sum(1 / often[word] for word in some) for some in held]
    order = sorted(range(len(texts)), key=lambda place: -rarity[place])
    chosen = [place for place in order[:_BY_WORDS] if rarity[place] > 0]
    rest = sorted(set(range(len(texts))) - set(chosen))
    count = MOST_JUDGED - len(chosen)
    nearest = judge.nearest(question, [texts[place] for place in rest], count)
    return [texts[place] for place in sorted([*chosen, *(rest[place] for place in nearest)])]


def _weight(question: str, sentence: Sentence) -> float:
    """Give 1 for what can answer, less for a topic that says no more than was asked."""
    if _adds_nothing(question, sentence):
        return _ECHO
    if not sentence.topic:
        return 1.0
    said = _LABEL.sub("", sentence.text, count=1)
    new = set(words(said)) - set(words(question))
    _, colon, behind = said.replace("：", ":").partition(":")
    tells = any(any(map(str.isdigit, word)) for word in new) or (colon and set(words(behind)) & new)
    return 1.0 if tells and not said.endswith(("?", "？")) else _TOPIC


def _adds_nothing(question: str, sentence: Sentence) -> bool:
    """Tell a line such as "Invoice 1003", all of whose words the question has, from a statement."""
    if sentence.head or sentence.text.rstrip().endswith(_STATED):
        return False
    return not set(words(sentence.text)) - set(words(question))


def _exactness(question: str, candidates: Sequence[Sentence]) -> list[float]:
    """Give 1 for what holds the numbers and codes of the question as well as any, less for less.

    A row that stands for a range holds what lies in it.
    """
    asked = {word for word in words(question) if any(map(str.isdigit, word))}
    shares = _share_of(asked, candidates)
    tables: dict[tuple[str, str], list[int]] = {}
    for place, one in enumerate(candidates):
        if one.head:
            tables.setdefault((one.passage.document.path, one.head), []).append(place)
    for (_, head), rows in tables.items():
        unit = cells_of(head)[0]
        inside = held([range_of(cells_of(candidates[row].text)[0], unit) for row in rows], question)
        if inside is not None:
            for row in rows:
                shares[row] = _OTHER
            shares[rows[inside]] = 1.0
    return shares


def _share_of(asked: set[str], candidates: Sequence[Sentence]) -> list[float]:
    """Give 1 for what holds as many of the words as any, less for less."""
    held = [len(asked & stems(_placed(candidate))) if asked else 0 for candidate in candidates]
    most = max(held)
    return [_OTHER + (1 - _OTHER) * count / most if most else 1.0 for count in held]


def _placed(sentence: Sentence) -> str:
    """Give what says which one a sentence is about: headings, itself, and what stands before it.

    A row or an item of a list names what it is about by itself, whatever is before it.
    """
    document = sentence.passage.document
    headings = document.heading_path(sentence.start)
    if sentence.head or kind_of(sentence.text) != "prose":
        return "\n".join([*headings, sentence.judged])
    pages = [page.start for page in document.pages if page.start <= sentence.start]
    sections = [heading.start for heading in document.headings if heading.start <= sentence.start]
    first = max([sentence.start - _BEFORE, *pages[-1:], *sections[-1:]])
    return "\n".join([*headings, document.text[first : sentence.end]])


def _join(chosen: list[Scored]) -> list[Scored]:
    """Make one quote of sentences that follow each other, one left out between them or none.

    The best comes first, the others in document order.
    """
    ordered = sorted(chosen, key=lambda entry: (entry[0].passage.document.path, entry[0].start))
    joined: list[Scored] = []
    for sentence, score in ordered:
        if joined and _follows(joined[-1][0], sentence):
            before, best = joined.pop()
            sentence = Sentence(before.passage, before.start, sentence.end)
            score = max(best, score)
        joined.append((sentence, score))
    first = max(joined, key=lambda entry: entry[1])
    return [first, *(entry for entry in joined if entry is not first)]


def _follows(before: Sentence, after: Sentence) -> bool:
    if before.passage is not after.passage or before.head != after.head:
        return False
    if before.topic or after.topic:
        return False
    between = before.passage.document.text[before.end : after.start]
    # A row between two others is about something else, and so is what another heading is above.
    if before.head or _heading_between(before, after):
        return not between.strip()
    return len(between) <= _GAP


def _goes_on(best: Sentence, other: Sentence) -> bool:
    """Tell whether a sentence stands in the best one's paragraph, beside it."""
    before, after = sorted((best, other), key=lambda one: one.start)
    between = before.passage.document.text[before.end : after.start]
    prose = not best.head and all(kind_of(one.text) == "prose" for one in (best, other))
    return prose and "\n\n" not in between and _follows(before, after)


def _heading_between(before: Sentence, after: Sentence) -> bool:
    starts = (heading.start for heading in before.passage.document.headings)
    return any(before.end <= start < after.start for start in starts)


def _shown(sentence: Sentence) -> str:
    if not sentence.head:
        return one_line(sentence.text.lstrip("#"))
    return " / ".join(map(one_line, sentence.judged.split("\n")))
