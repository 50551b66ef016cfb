"""Stage 2: a language model writes everyday documents, and questions about all kinds of passages.

    python -m training.write --model FOLDER/model.gguf --out .training/written.jsonl.gz

Nobody asked most of what the training data holds: its questions are headings, or made by rule. So
a model writes one to one sentence of a passage, in both languages and as search words, as somebody
would ask who has not read it (InPars; Bonifacio et al., 2022). And since most passages are manuals
of software, it first writes texts of other kinds. ``training.mine`` keeps the questions that lead
back to their passage.
"""

import argparse
import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import groupby
from pathlib import Path

import torch

from training.data import Language, page_of, rows, write
from training.sentences import split
from training.subjects import KINDS, MATTERS, PLACED
from training.writer import Task, Writer

_NAMES: dict[Language, str] = {"en": "English", "zh": "Chinese"}
_STYLES = (
    "a plain question",
    "a short, informal question of a few words",
    "a question in other words than the fact's",
    "first the situation of the person who asks, then the question",
    "a question about a number, a date, a place, a person or a condition",
    "a yes-or-no question, or one with how or why",
)
_PASSAGE = """Passage: {title}
{passage}

Fact: {sentence}
Wanted: {style}"""
_ASK = Task(
    "For each passage you write one question that the fact answers. Who asks has never seen the"
    " passage: name the thing that is asked about, and never mention a passage or a text. Write the"
    " question in English, then the same in Chinese, then words for a search box in the language of"
    " the passage.",
    (
        (
            _PASSAGE.format(
                title="Library rules - Loans",
                passage="Readers may borrow ten books at a time. Books are lent for four weeks,"
                " films for one. Loans can be renewed twice unless somebody has reserved the book.",
                sentence="Books are lent for four weeks, films for one.",
                style=_STYLES[3],
            ),
            "English: I took a film home from the library on Monday. When must I return it?\n"
            "Chinese: 我星期一从图书馆借了一部电影，什么时候必须归还？\n"
            "Search: library film loan period",
        ),
        (
            _PASSAGE.format(
                title="游泳池须知",
                passage="泳池每天早上七点开放，晚上九点关闭。十岁以下儿童须由成人陪同。深水区只对持有深水证的"
                "游泳者开放，深水证在服务台办理，测试费为十五元。",
                sentence="深水区只对持有深水证的游泳者开放，深水证在服务台办理，测试费为十五元。",
                style=_STYLES[1],
            ),
            "English: How much is the deep water test at the pool?\n"
            "Chinese: 泳池的深水测试要多少钱？\n"
            "Search: 深水证 测试费",
        ),
    ),
)
_INVENT = Task("You are a careful writer who invents concrete details.")
_WRITE = """Write one page of {kind}. {matter}\
Invent the names, numbers, dates, conditions and exceptions that such a page has, and be concrete. \
Write 120 to 200 words of plain sentences in paragraphs{listed}, without Markdown. \
Write everything in {language}. Begin with a short heading on a line of its own."""
_LISTED = ("", "", ", and one list of short lines")
_LINES = re.compile(r"English: *(.+?)\s*\n+Chinese: *(.+?)\s*\n+Search: *(.+)")
_MARKS = re.compile(r"[*#`]+ ?|^(?:Title|Heading|标题)[:：] ?")
_TITLE = 80  # characters at most
_RUN = 6  # neighbouring sections that are taken together
_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_TALK = re.compile(r"passage|sentence|the text\b|文中|文本|段落|句子|这篇|上文|本文", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Section:
    """A piece of a document: its language, its heading, its text, and where it comes from.

    ``xid`` is the same for a text and its translation, if there is one.
    """

    lang: Language
    title: str
    text: str
    source: str
    xid: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written(Section):
    """A section, one sentence of it, and the questions that the sentence answers.

    ``place`` is that among all sections: those of a page follow each other.
    """

    place: int = 0
    sentence: str = ""
    en: str = ""
    zh: str = ""
    search: str = ""


def main() -> None:
    """Write the documents, then the questions."""
    parser = argparse.ArgumentParser(description=__doc__)
    add = parser.add_argument
    add("--model", type=Path, required=True, help="a GGUF file of an instructed model")
    add("--out", type=Path, required=True)
    add("--data", type=Path, default=Path("../shared/data/train"))
    add("--documents", type=int, default=12_000, help="written by the model")
    add("--cap", type=int, default=2_500, help="sections of each source and language")
    add("--seed", type=int, default=6)
    options = parser.parse_args()
    torch.manual_seed(options.seed)
    chance = random.Random(options.seed)
    writer = Writer(options.model)
    found = [*sections(options.data, cap=options.cap, chance=chance)]
    found += documents(writer, count=options.documents, chance=chance)
    print(f"{len(found)} sections", flush=True)
    write(options.out, (asdict(one) for one in questions(writer, found, chance=chance)))


def sections(folder: Path, *, cap: int, chance: random.Random) -> Iterator[Section]:
    """Yield sections of each source of the training data, neighbours of a page together."""
    every: dict[tuple[Language, str], dict[str, Section]] = {}
    for row in rows(folder / "heading_passage.jsonl.gz"):
        xid = row.get("xid", "")
        section = Section(row["lang"], row["query"], row["passage"], row["source"], xid)
        every.setdefault((row["lang"], row["source"]), {})[section.text] = section
    for name in ("qa_en", "qa_zh"):
        for row in rows(folder / f"{name}.jsonl.gz"):
            source = row["source"]
            xid = row.get("xid", "")
            section = Section(row["lang"], row["title"], row["context"], source, xid)
            every.setdefault((row["lang"], source.split("-")[0]), {})[section.text] = section
    for own in every.values():
        runs = _runs(list(own.values()))
        chance.shuffle(runs)
        yield from [one for run in runs for one in run if len(one.text) > 40][:cap]


def _runs(every: Sequence[Section]) -> list[list[Section]]:
    """Cut into pages, and long ones of these into runs."""
    pages = [list(page) for _, page in groupby(every, lambda one: page_of(one.title, one.text))]
    return [page[at : at + _RUN] for page in pages for at in range(0, len(page), _RUN)]


def documents(writer: Writer, *, count: int, chance: random.Random) -> Iterator[Section]:
    """Yield pages that the model writes, half of them in each language."""
    languages = [chance.choice(list(_NAMES)) for _ in range(count)]
    kinds = [chance.choice(KINDS) for _ in range(count)]
    prompts = [
        _WRITE.format(
            kind=kind,
            matter=f"It is about {chance.choice(MATTERS)}. " if kind in PLACED else "",
            listed=chance.choice(_LISTED),
            language=_NAMES[language],
        )
        for language, kind in zip(languages, kinds, strict=True)
    ]
    for place, text in writer.answers(_INVENT, prompts, longest=300):
        heading, _, body = _MARKS.sub("", text).strip().partition("\n")
        # What ends in the midst of a sentence was cut by the limit.
        body = body.strip()[: max(body.strip().rfind(end) for end in ".。!！?？") + 1]
        share = len(_CHINESE.findall(body)) / (len(body) + 1)
        if len(body) > 120 and (share > 0.3) == (languages[place] == "zh"):
            title = heading if len(heading) < _TITLE else ""
            yield Section(languages[place], title, body, f"written: {kinds[place]}")


def questions(
    writer: Writer, every: Sequence[Section], *, chance: random.Random
) -> Iterator[Written]:
    """Yield the sections with a question each, where the model kept to the form."""
    chosen = [chance.choice(sentences) if (sentences := _told(one)) else "" for one in every]
    asked = [place for place, sentence in enumerate(chosen) if sentence]
    prompts = [_prompt(every[place], chosen[place], chance.choice(_STYLES)) for place in asked]
    for at, text in writer.answers(_ASK, prompts, longest=110):
        section, sentence = every[asked[at]], chosen[asked[at]]
        lines = _LINES.search(text)
        if not lines:
            continue
        english, chinese, search = (line.strip('" “”') for line in lines.groups())
        crossed = _CHINESE.search(english) or not _CHINESE.search(chinese)
        if not crossed and not _TALK.search(english + chinese):
            yield Written(
                **asdict(section),
                place=asked[at],
                sentence=sentence,
                en=english,
                zh=chinese,
                search=search.split("\n")[0],
            )


def _told(section: Section) -> list[str]:
    """Give the sentences that are long enough to tell something."""
    least = 12 if section.lang == "zh" else 35
    return [one for one in split(section.text) if least <= len(one) <= 400]


def _prompt(section: Section, sentence: str, style: str) -> str:
    longest = 700 if section.lang == "zh" else 1400
    return _PASSAGE.format(
        title=section.title, passage=section.text[:longest], sentence=sentence, style=style
    )


if __name__ == "__main__":
    main()
