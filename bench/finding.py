"""Sentences without a citation beside the passages that a model had, to find one for them."""

import random
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from devsets import rows
from planted import FALSE, TRUE

from bifolio.answers.finding import Finder
from bifolio.ingest import Chunk, Document, Page
from bifolio.ingest.sentences import sentence_spans
from bifolio.retrieval import Judge, Passage, is_chinese
from bifolio.retrieval.telling import stems, telling

SETS = ("qamr_dev_en", "fairytale_dev_en", "cmrc_dev_zh", "d365hr_docs_en", "d365hr_docs_zh")
_PASSAGES = 8
# Among so many texts the passages are chosen that come nearest to a sentence by their words.
_POOL = 150
_SHORTEST, _LONGEST = 16, 300
# News that follow each other are one passage; so many sentences.
_NEWS = 5
_ASKED = re.compile(r"什么时候|何时|哪一年|哪年|谁|哪里|哪些|哪位|哪个|多少|什么")
_SUBJECT = re.compile(
    r"(?:Who|What) (?=(?:\w+ed|is|was|were|are|had|has|gave|came|took|made) )(?P<rest>.+)\?\Z"
)


@dataclass(frozen=True, slots=True)
class Uncited:
    """A sentence of an answer to a question, and what passages the model had.

    ``right`` is the place of the passage that says it; None where no passage may be cited. ``kind``
    is how the sentence was made.
    """

    text: str
    question: str
    passages: tuple[str, ...]
    right: int | None
    kind: str

    @property
    def language(self) -> str:
        """``zh`` or ``en``."""
        return "zh" if is_chinese(self.text) else "en"


def uncited(folder: Path, count: int, chance: random.Random) -> Iterator[Uncited]:
    """Make sentences of so many texts of each set, true ones and false ones."""
    for name in SETS:
        if (folder / f"{name}.contexts.jsonl.gz").exists():
            yield from _of_set(folder, name, count, chance)
    path = folder / "ntrex_news.pairs.jsonl.gz"
    if path.exists():
        yield from _translated(rows(path), count, chance)


def finds(cases: Iterable[Uncited], judge: Judge, *, show: int) -> dict[str, tuple[int, float]]:
    """Give for each kind and language how many there are, and for which share one is found.

    Of true sentences a passage that is not the right one counts as none; they are counted too.
    """
    done: dict[str, list[bool]] = defaultdict(list)
    shown: dict[str, int] = defaultdict(int)
    for case in cases:
        passages = [_passage(text, place) for place, text in enumerate(case.passages)]
        support = Finder(passages, judge=judge, question=case.question).support(case.text)
        cited = support.place.passage if support else None
        true = case.right is not None
        found = cited is passages[case.right] if case.right is not None else cited is not None
        sort = "true" if true else "false"
        for name in (f"{sort}: {case.kind} {case.language}", f"{sort}: all {case.language}"):
            done[name].append(found)
        if true:
            wrong = cited is not None and not found
            done[f"true: another passage {case.language}"].append(wrong)
        if found != true and shown[case.kind] < show:
            shown[case.kind] += 1
            where = f"{support.score:.2f} {support.place.text}" if support else "nothing"
            print(f"{sort} {case.kind}: {case.question} {case.text}\n    {where}")
    return {name: (len(some), sum(some) / len(some)) for name, some in sorted(done.items())}


def _passage(text: str, place: int) -> Passage:
    document = Document(f"{place}", "x", "", text, (Page(1, 0, len(text)),))
    return Passage((Chunk(document, 0, len(text)),), 1.0)


def _of_set(folder: Path, name: str, count: int, chance: random.Random) -> Iterator[Uncited]:
    texts = {row["context_id"]: row["text"] for row in rows(folder / f"{name}.contexts.jsonl.gz")}
    by_text: dict[str, list[tuple[str, str]]] = {}
    for row in rows(folder / f"{name}.questions.jsonl.gz"):
        if row["answers"]:
            pair = (row["question"], min(row["answers"], key=len))
            by_text.setdefault(row["context_id"], []).append(pair)
    ids = list(texts)
    known = [one for one in ids if one in by_text] or ids
    for one in chance.sample(known, min(count, len(known))):
        others = [texts[other] for other in chance.sample(ids, min(_POOL, len(ids)))]
        pool = [text for text in others if text != texts[one]]
        yield from _reworded(texts[one], pool, chance)
        yield from _answered(texts[one], by_text.get(one, []), pool, chance)


def _reworded(text: str, pool: list[str], chance: random.Random) -> Iterator[Uncited]:
    said = [
        text[start:end]
        for start, end in sentence_spans(text, 0, len(text))
        if _SHORTEST <= end - start <= _LONGEST and text[end - 1] in ".。!！"
    ]
    if not said:
        return
    sentence = chance.choice(said)
    pool = [other for other in pool if sentence not in other]
    yield _among(sentence, "", text, pool, "quote", chance)
    yield Uncited(sentence, "", _nearest(sentence, pool), None, "foreign")
    for kind, rule in TRUE.items():
        changed = rule(sentence, chance)
        if changed and changed != sentence:
            yield _among(changed, "", text, pool, kind, chance)
    for kind, rule in FALSE.items():
        for sentence in chance.sample(said, len(said)):
            changed = rule(sentence, chance)
            if changed and changed != sentence and changed not in text:
                yield _without(changed, "", text, pool, kind, chance)
                break


def _answered(
    text: str, asked: list[tuple[str, str]], pool: list[str], chance: random.Random
) -> Iterator[Uncited]:
    """Make statements of questions and their answers, and of answers to other questions."""
    for question, answer in asked[:2]:
        if told := statement(question, answer):
            yield _among(told, question, text, pool, "answer", chance)
            yield Uncited(told, question, _nearest(told, pool), None, "foreign answer")
        if answer in text:
            stop = "。" if is_chinese(question) else "."
            said = answer.strip(".。") + stop
            yield _among(said, question, text, pool, "answer alone", chance)
        for _, other in asked:
            apart = not stems(other) & stems(answer) and not stems(other) <= stems(question)
            if apart and (told := statement(question, other)):
                yield _without(told, question, text, pool, "other answer", chance)
                break


def statement(question: str, answer: str) -> str:
    """Make one sentence of a question and its answer; empty where it has not the form for it."""
    answer = answer.strip(" .。")
    if is_chinese(question):
        found = _ASKED.search(question)
        if not found or len(answer) > 24:
            return ""
        said = question[: found.start()] + answer + question[found.end() :]
        return re.sub(r"[?？]\s*$", "", said) + "。"
    found = _SUBJECT.match(question)
    if not found or len(answer) > 60:
        return ""
    return f"{answer[0].upper()}{answer[1:]} {found['rest']}."


def _translated(
    pairs: list[dict[str, str]], count: int, chance: random.Random
) -> Iterator[Uncited]:
    groups = [pairs[at : at + _NEWS] for at in range(0, len(pairs) - _NEWS, _NEWS)]
    for group in chance.sample(groups, min(count, len(groups))):
        row = chance.choice(group)
        others = chance.sample([one for one in groups if one is not group], _PASSAGES)
        for mine, theirs in (("en", "zh"), ("zh", "en")):
            pool = [" ".join(one[theirs] for one in some) for some in others]
            right = " ".join(one[theirs] for one in group)
            yield _among(row[mine], "", right, pool, "translation", chance)
            yield Uncited(row[mine], "", tuple(pool), None, "foreign translation")
            for kind, rule in FALSE.items():
                changed = rule(row[mine], chance)
                if changed and changed != row[mine]:
                    yield _without(changed, "", right, pool, f"translated {kind}", chance)


def _among(
    said: str, question: str, text: str, pool: list[str], kind: str, chance: random.Random
) -> Uncited:
    others = list(_nearest(said, pool)[: _PASSAGES - 1])
    place = chance.randrange(len(others) + 1)
    return Uncited(said, question, (*others[:place], text, *others[place:]), place, kind)


def _without(
    said: str, question: str, text: str, pool: list[str], kind: str, chance: random.Random
) -> Uncited:
    one = _among(said, question, text, pool, kind, chance)
    return Uncited(one.text, one.question, one.passages, None, one.kind)


def _nearest(said: str, pool: list[str]) -> tuple[str, ...]:
    asked = set(telling(said))
    return tuple(sorted(pool, key=lambda text: -len(asked & _stems(text)))[:_PASSAGES])


@cache
def _stems(text: str) -> frozenset[str]:
    return frozenset(stems(text))
