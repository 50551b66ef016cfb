"""A follow-up keeps its subject, without a language model, by a rule that can be stated.

A question is a follow-up if it begins as one ("And ...", "What about ...", 那么……, ……呢？), if a
word in it stands for what was said before (it, they, its, that one, this fee, 它, 其) and not for
its own subject ("Must passengers keep their tickets?"), if it asks for more ("more details",
继续), or if no word in it tells what it is about ("How much?"). Then the words that tell, of the
latest question that was none, are searched in front of it, but a name or a number of the follow-up
takes the place of those of the subject ("How high is Grey Heron?" "And Dawn Gull?"). What the
answers said is not searched.
"""

import re
from collections.abc import Sequence

from bifolio.answers.answer import Turn
from bifolio.retrieval.telling import said_telling, telling

# A subject is a few words: a long question would drown the one that is asked.
_MOST_WORDS = 8
_GOES_ON = re.compile(
    r"\s*(?:and|but|so|or|then|also|what about|how about|what if|why not|really|what else"
    r"|anything else|in that case|if so|if not|(?:is |does )?(?:the )?same (?:for|with|apply to))\b"
    r"|\s*(?:那|还有|另外|然后|此外|那么|如果是|要是)",
    re.IGNORECASE,
)
_MORE = re.compile(
    r"\s*(?:please )?(?:(?:tell|show|give) me |say |explain |any )?(?:some )?more(?: details?"
    r"| information| about (?:it|this|that))?\s*[.?!]*\Z|\s*(?:go on|continue)\s*[.?!]*\Z"
    # What everything may have: exceptions, examples.
    r"|\s*(?:(?:is|are) there )?(?:any )?(?:exceptions?|examples?|conditions|restrictions"
    r"|alternatives|other options)\s*\?*\Z"
    r"|\s*(?:(?:can|could) you )?(?:please )?give (?:me )?(?:an|some|another) examples?\s*[.?]*\Z"
    r"|\s*(?:有|还有)?(?:没有|什么|哪些)?(?:例外|例子|限制|条件)[吗呢？?]*\Z"
    r"|\s*(?:请|再|能|可以|给我)*举一?[个几些]?例子?(?:说明)?[吗。？?]*\Z"
    r"|\s*(?:请|再|能|可以|更)*(?:继续|详细|具体)(?:[说讲解介谈]\w{0,3}|一点|一些|点|些)*"
    r"[吗呢吧。？?！!]*\Z",
    re.IGNORECASE,
)
_ENDS = re.compile(r"(?<![么什怎])呢\s*[?？。]?\s*\Z")
_STANDS_FOR = re.compile(
    r"\b(?:it|its|they|them|their|theirs|he|him|his|she|her|hers)\b"
    r"|\b(?:this|that|these|those)(?=\s*(?:[?.!,]|\Z|ones?\b|is\b|are\b|was\b|were\b|does\b|do\b|did\b"
    r"|cost|last|work|happen|apply|mean|take|also|too|for\b|in\b|on\b|at\b|to\b|with\b|by\b))"
    r"|\b(?:is|are|was|were|does|do|did|can|will|should|must|about|of|for|with|to|do) "
    r"(?:this|that|these|those)\b(?! [a-z]{3,})"
    # "This fee", but not "this manual", which is what lies before the reader.
    r"|\b(?<!of )(?:this|these) (?!(?:document|manual|paper|file|pdf|report|text|book|guide"
    r"|handbook|page|section|table|article|contract|year|month|week|library|folder)s?\b)[a-z]{3,}"
    r"|(?:这|那)[个项种些](?!手册|文件|文档|资料|报告|文章|合同|指南|月|星期|礼拜)[\u4e00-\u9fff]{2}"
    r"|\bwhich ones?\b(?! of)|哪一?个(?=更|比较)|也一样(?=吗)|\b(?:you|as) (?:just )?mentioned\b"
    r"|(?:上面|前面|刚才)(?=[提说讲列])"
    r"|\b(?:the (?:same|former|latter|other|others|first one|second one))\b|\bthere(?=\s*[?.!]|\Z)"
    r"|它们?|(?<!其)他们?|她们?|(?<![尤极])其(?![中他它余实次])|该(?![怎如不去说])|上述|前者|后者"
    r"|这(?:个|种|些|样|项|里|是|要|会|能|需|张|份|条|次)?(?=[?？，,的要会能是有多怎如可需在吗\s]|\Z)"
    r"|那(?:个|种|些|样|项|里|张|份|条|次)(?=[?？，,的要会能是有多怎如可需在吗\s]|\Z)|此(?!外|前|后|时)",
    re.IGNORECASE,
)
# A word that begins with a capital, behind the sentence's first.
_NAME = re.compile(r"(?<=[a-z,;:] )[A-Z][\w-]*")
_NUMBER = re.compile(r"\d|[一二三四五六七八九十百千万两]+(?=[年月日天周个位岁次点米])")
# What a question is about, if it says so before the word that stands for it: a name, the subject
# behind "do" or "must", and what "which" chooses from.
_SUBJECT = re.compile(
    r"\b(?:do|does|did|can|could|must|should|may|might|will|would|shall|has|have|had)(?:n't)? "
    r"(?!(?:i|you|we|it|they|he|she|one|this|that|these|those|there)\b)[a-z]"
    r"|\b(?:which|whose) [a-z]{3,}|(?<=[A-Za-z,;:] )(?-i:[A-Z][a-z])|哪[位个家些部种项座]|谁",
    re.IGNORECASE,
)
# Only what belongs to the subject, or another part of the sentence, can name the subject again.
_BELONGS = frozenset(("its", "their", "his", "her", "其", "他", "她", "它"))
_NEW_CLAUSE = re.compile(
    r"[,;]|\b(?:and|or|but|if|when|while|after|before|because|once|until|as|so|that|who)\b",
    re.IGNORECASE,
)
# "it" that stands for nothing: "Is it allowed to smoke?", "when it rains".
_EMPTY_IT = re.compile(
    r"\b(?:(?:is|was) it|(?:will|would|may|can) it be) (?!(?:open|due|close|similar|limited|sent"
    r"|given|up|subject|attached) )(?:\w+ ){1,2}to (?!(?:the|an?|my|our|your|any|all|other)\b)"
    r"|\b(?:is|was|will|would|may|can|does|did) it (?:be )?(?:true|clear|known|certain|likely"
    r"|matter|help|enough|possible|fine|ok|better|best) (?:\w+ )?(?:that|if|whether|when)\b"
    r"|\bit (?:rains|snows|freezes|thunders|takes)\b|\bit (?:is|was) (?:\w+ )?(?:to|that)\b"
    r"|\b(?:does|did|will) it take\b|\bthere (?:is|are|was|were)\b",
    re.IGNORECASE,
)


def follows(question: str) -> bool:
    """Tell whether a question is to be read with those before it."""
    if _GOES_ON.match(question) or _MORE.match(question) or _ENDS.search(question):
        return True
    said = _EMPTY_IT.sub(" ", question)
    if any(not _is_own(said, found) for found in _STANDS_FOR.finditer(said)):
        return True
    return all(word.isdigit() for word in telling(question))


def _is_own(question: str, found: re.Match[str]) -> bool:
    """Tell whether a word stands for what the same question names before it."""
    subject = _SUBJECT.search(question, 0, found.start())
    if subject is None:
        return False
    between = question[subject.end() : found.start()]
    return found[0].lower() in _BELONGS or bool(_NEW_CLAUSE.search(between))


def with_subject(question: str, history: Sequence[Turn]) -> str:
    """Give what to search: the question, behind the subject that it keeps if it is a follow-up."""
    if not follows(question):
        return question
    for turn in reversed(history):
        if not follows(turn.question):
            subject = _kept(turn.question, question)[:_MOST_WORDS]
            return f"{' '.join(subject)}: {question}" if subject else question
    return question


def _kept(subject: str, question: str) -> list[str]:
    """Give the words of a subject that a follow-up leaves in their place."""
    kept = said_telling(subject)
    if _NAME.search(question):
        kept = [word for word in kept if word not in _NAME.findall(subject)]
    if _NUMBER.search(question):
        kept = [word for word in kept if not _NUMBER.search(word)]
    return kept
