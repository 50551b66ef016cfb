"""Sentences that claim nothing: the documents do not say, and what only keeps company."""

import re

_NO_ANSWER = re.compile(
    r"\b(?:passages?|documents?|texts?|sources?|context|excerpts?|information)\b.{0,60}"
    r"\b(?:not|no|nothing|cannot|unclear)\b"
    r"|\b(?:passages?|documents?|texts?|sources?|context)\b.{0,60}n['’]t\b"
    r"|\bno (?:information|mention|details?|answer|data|evidence)\b"
    r"|\b(?:not|n['’]t) (?:\w+ )?(?:mention|specif|state|provid|contain|include|give|say|indicat)"
    r"|\bi(?: am|['’]m)? (?:do not|don['’]t|cannot|can['’]t|could not|couldn['’]t|not|unable|sorry"
    r"|afraid|apologi[sz]e)\b|\b(?:sorry|unfortunately|it is unclear|unknown)\b"
    r"|(?:不知道|不清楚|不确定|不明确|抱歉|对不起|遗憾|没有(?:提|说|给|相关|找|任何|答案|明确|具体|信息)"
    r"|未(?:提|说明|给出|找|指|明确|作)|无法(?:回答|确定|得知|判断|找到|从|提供|知道)|不得而知)"
    r"|記載(?:は|が)?(?:ありません|されていません|がない)|(?:分|わ)かりません"
    r"|정보가 없|언급.{0,6}(?:없|않)|알 수 없",
    re.IGNORECASE,
)
_COMPANY = re.compile(
    r"\s*(?:i hope|hope (?:this|that)|let me know|feel free|please (?:let me|feel free)|happy to"
    r"|i(?:['’]m| am) (?:happy|glad|here)|is there anything|do you (?:want|need)|if you (?:have"
    r" (?:any )?(?:more|other|further|questions)|need (?:more|further|anything))"
    r"|if you['’]?(?:d| would) like\b|for (?:more|further) (?:details|information)\b"
    r"|(?:here|below|the following)(?:['’]s| is| are)\b.{0,40}\b(?:summary|answer|overview|list"
    r"|steps|points|details|breakdown|information)\b"
    r"|以下(?:是|为).{0,20}(?:总结|概述|要点|步骤|回答|答案|信息|内容)"
    r"|更多.{0,6}请|you['’]re welcome"
    r"|(?:sure|certainly|of course|hello|hi|great question|good question)\W*\Z"
    r"|希望(?:这|以上|能|对)|如(?:果您?你?)?(?:还?有|需).{0,6}(?:问题|疑问|帮助)|请随时|很高兴"
    r"|(?:当然|好的|你好|您好)\W*\Z|不客气)",
    re.IGNORECASE,
)


def says_no_answer(sentence: str) -> bool:
    """Tell whether a sentence of an answer says that the documents, or its author, cannot tell."""
    return bool(_NO_ANSWER.search(sentence))


def keeps_company(sentence: str) -> bool:
    """Tell whether a sentence only greets, offers help or wishes well."""
    return bool(_COMPANY.match(sentence))
