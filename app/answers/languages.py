"""Which language a question is asked in: its answer is in it, and so are the fixed sentences.

Told by the script, and where many languages share one by their smallest words. A name in another
script does not change the language of a question.
"""

import re
from dataclasses import dataclass
from functools import cache

from bifolio.ingest.simplified import simplified
from bifolio.retrieval import is_chinese


@dataclass(frozen=True, slots=True)
class Spoken:
    """A language: its English name, and the sentences for "not" and "perhaps in the documents"."""

    name: str
    not_found: str
    unsure: str


ENGLISH = Spoken(
    "English",
    "The documents do not answer this question.",
    "It is not certain that the documents answer this question; this comes closest.",
)
CHINESE = Spoken(
    "Chinese",
    "文档中没有这个问题的答案。",
    "不能确定文档是否回答了这个问题；以下内容最接近。",
)
TRADITIONAL = Spoken(
    "Traditional Chinese",
    "文件中沒有這個問題的答案。",
    "不能確定文件是否回答了這個問題；以下內容最接近。",
)
JAPANESE = Spoken(
    "Japanese",
    "文書にはこの質問の答えがありません。",
    "文書がこの質問に答えているかは確かではありません。次の箇所が最も近い内容です。",
)
KOREAN = Spoken(
    "Korean",
    "문서에는 이 질문에 대한 답이 없습니다.",
    "문서가 이 질문에 답하는지 확실하지 않습니다. 다음 내용이 가장 가깝습니다.",
)
ALL = (ENGLISH, CHINESE, TRADITIONAL, JAPANESE, KOREAN)

# What stands in quotation marks is spoken of.
_QUOTED = re.compile(r"[「『《“\"‘][^」』》”\"’\n]{1,60}[」』》”\"’]")
_HIRAGANA = re.compile(r"[\u3041-\u309f]")
_KATAKANA = re.compile(r"[\u30a1-\u30fa\u30fc]")
_HANGUL = re.compile(r"[\uac00-\ud7a3]")
_HAN = re.compile(r"[\u3400-\u9fff]")
_ASKS_IN_CHINESE = re.compile(r"[怎什哪吗呢么多谁嗎麼誰這这們们]|[是的]")
# Frequent characters that no traditional text holds.
_ONLY_SIMPLIFIED = frozenset(
    "么吗这们个说会时为来对国发问谁几应请话费将员长书车东马门见头动开关无电从还进过现两业务产经济样种类认识让"
    "较难图队组织结级约纪线练统继续维综网计订记许论设访证评词试该详语误读调谈谢负责贵买卖质资软转轻输边达迟运选"
    "连远违"
)
# Letters of other scripts, and what is written in them as a rule.
_UKRAINIAN = re.compile(r"[іїєґ]", re.IGNORECASE)
_SCRIPTS = {
    "Russian": re.compile(r"[а-яё]", re.IGNORECASE),
    "Greek": re.compile(r"[α-ωάέήίόύώ]", re.IGNORECASE),
    "Arabic": re.compile(r"[\u0620-\u064a]"),
    "Hebrew": re.compile(r"[\u05d0-\u05ea]"),
    "Hindi": re.compile(r"[\u0904-\u0939]"),
    "Thai": re.compile(r"[\u0e01-\u0e2e]"),
}
_SMALL_WORDS = {
    "English": "a an the is are was were do does did can could will would should what which who"
    " whose when where why how many much of in on at to for from with by and or not it its this"
    " that there my we our you your be has have about if must may",
    "German": "der die das ist sind war ein eine wie was wann wer wo warum welche welcher welches"
    " und oder für von mit den dem des nicht wird werden kann muss ich viel viele lange im zu",
    "French": "le la les un une des est sont quel quelle quels quelles que qui quand où comment"
    " pourquoi combien et ou pour dans avec du de au aux il elle ne pas peut faut je est-ce",
    "Spanish": "el la los las un una es son qué cuál cuáles quién cuándo dónde cómo cuánto cuánta"
    " cuántos por para con del de al y o en no se puede hay que debe cuesta",
    "Italian": "il lo la gli un una è sono che chi quale quali quando dove come perché quanto"
    " quanti e o per con del della di nel al non si può devo costa",
    "Portuguese": "o a os as um uma é são que quem qual quais quando onde como quanto quantos e ou"
    " para com do da dos das em no na não se pode deve custa",
    "Dutch": "de het een is zijn wat wie wanneer waar hoe waarom welke en of voor van met niet"
    " wordt kan moet ik veel lang op",
}
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
# In so many small words a language is known by them.
_ENOUGH = 2


def spoken(question: str) -> Spoken:
    """Give the language of the fixed sentences for a question; English for all but a few."""
    if _is_japanese(question):
        return JAPANESE
    if _is_mostly(question, _HANGUL):
        return KOREAN
    if is_chinese(question):
        return TRADITIONAL if _is_traditional(question) else CHINESE
    return ENGLISH


def language_name(question: str) -> str:
    """Name the language in which a question is to be answered, in English words for a model."""
    fixed = spoken(question)
    if fixed is not ENGLISH:
        return fixed.name
    for name, letters in _SCRIPTS.items():
        if _is_mostly(question, letters):
            return "Ukrainian" if _UKRAINIAN.search(question) else name
    counts = _small_words(question)
    best = max(counts, key=lambda name: counts[name])
    if counts[best] > counts["English"] and counts[best] >= _ENOUGH:
        return best
    return "English" if counts["English"] else "the language of the question"


def _is_japanese(question: str) -> bool:
    """Kana tell Japanese; one in a Chinese question, or a name in quotation marks, does not."""
    if _english_words(question) >= _ENOUGH:
        return False
    said = _QUOTED.sub(" ", question)
    hiragana = len(_HIRAGANA.findall(said))
    if hiragana > 1:
        return True
    if hiragana or _KATAKANA.search(said):
        return not _HAN.search(said) or (hiragana == 1 and not _ASKS_IN_CHINESE.search(said))
    return False


def _is_mostly(question: str, letters: re.Pattern[str]) -> bool:
    """Tell whether a question is in a script: a few of its letters, and no English around them."""
    said = _QUOTED.sub(" ", question)
    return len(letters.findall(said)) >= _ENOUGH and _english_words(question) < _ENOUGH


def _is_traditional(question: str) -> bool:
    plain = simplified(question)
    changed = sum(before != after for before, after in zip(question, plain, strict=False))
    return changed > sum(letter in _ONLY_SIMPLIFIED for letter in question)


@cache
def _known(name: str) -> frozenset[str]:
    return frozenset(_SMALL_WORDS[name].split())


def _small_words(question: str) -> dict[str, int]:
    said = [word.casefold() for word in _WORD.findall(question)]
    return {name: sum(word in _known(name) for word in said) for name in _SMALL_WORDS}


def _english_words(question: str) -> int:
    said = (word.casefold() for word in _WORD.findall(question))
    return sum(word in _known("English") for word in said)
