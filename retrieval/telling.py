"""The words that tell what a text is about: those that any question may hold are left out."""

import re

from bifolio.retrieval.words import stem, words

_ASKING = (
    "what which who whom whose when where why how much many long far often old is are was were be "
    "been am do does did done can could will would shall should may might must has have had "
    "a an the of in on at to for from with by about into over under than as and or but if so not "
    "no any some all there here it its this that these those he she they them his her their him "
    "i me my we us our you your please tell give say says show know need get one s t don doesn "
    "also too then now just only more most other another same such each every after before during"
)
_LIGHT = frozenset(_ASKING.split())
_LIGHT_CHINESE = re.compile(
    r"请问|什么时候|什么|为什么|为何|怎么样|怎么|怎样|如何|多少|多久|多长时间|多长|多大|多远|多高|哪里|哪儿|哪些|哪个"
    r"|哪位|哪一|哪|谁|几时|几点|几个|几|何时|何|是否|是不是|有没有|能不能|可不可以|可以|能否|需要|应该|必须|告诉|知道"
    r"|这个|那个|这些|那些|它们|他们|她们|我们|你们|还有|以及|或者|但是|如果|那么|并且|而且|因为|所以|以后|以前|之后|之前"
    r"|[的了吗呢么吧啊呀是在和与及或就都也还又我你您他她它这那]|[把被让给于]|(?<=[\u4e00-\u9fff])到"
    r"|(?<![成认作以行因称变视])为(?![什何了难])|一[次下]|有(?![效限关害机毒色])|会(?![员议计场长费馆])|能(?![力源量效])|要(?![求点件害])|其(?![中他它余实])|该"
)
# A word with what joins its parts, such as AB-12 or don't, or a run of Chinese.
_RUN = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]+|[^\W_]+(?:[-'’./#+][^\W_]+)*")


def telling(text: str) -> list[str]:
    """Give the words that tell, each once, in text order and without their endings.

    Chinese as pairs of characters, none of which reaches over a word that does not tell.
    """
    found = words(_LIGHT_CHINESE.sub(" ", text))
    kept = [
        stem(word)
        for word in found
        if word not in _LIGHT and not (len(word) == 1 and not word.isdigit())
    ]
    return list(dict.fromkeys(kept))


def said_telling(text: str) -> list[str]:
    """Give the runs of a text that tell, as they are written there: words, and Chinese phrases."""
    runs = _LIGHT_CHINESE.sub(" ", text)
    found = _RUN.findall(runs)
    return [run for run in dict.fromkeys(found) if run.lower() not in _LIGHT]


def stems(text: str) -> set[str]:
    """Give all the words of a text without their endings."""
    return {stem(word) for word in words(text)}


def share_told(asked: list[str], text: str) -> float:
    """Give the share of the words ``asked``, as ``telling`` gives them, that the text has."""
    said = stems(text)
    return sum(word in said for word in asked) / len(asked) if asked else 0.0
