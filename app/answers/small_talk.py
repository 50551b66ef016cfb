"""Greetings, thanks and "what can you do": no questions about documents, and not searched.

Closed patterns of whole messages: whatever says more is a question.
"""

import re

from bifolio.retrieval import is_chinese

_NAME = r"(?:there|all|everyone|everybody|bifolio|friend|again)"
_ENDS = r"[\s!！。.…~～?？,，、🙂😊👋🙏]*"
_HELLO = re.compile(
    rf"(?:(?:hi|hello|hey|hiya|howdy|greetings|good (?:morning|afternoon|evening|day))"
    rf"(?:[ ,]+{_NAME})?"
    r"|yo|sup|what's up|(?:i have|may i ask|can i ask)(?: you)? (?:an?|some|another) questions?"
    r"|我(?:有|想问|能问|可以问)(?:你|您)?一?个问题"
    r"|how are you(?: doing)?(?: today)?|how do you do|how's it going|nice to meet you"
    r"|(?:你|您|大家)们?好[啊呀吗]?|哈[喽啰罗]|嗨|嘿|早上好|早安|早"
    r"|上午好|中午好|下午好|晚上好|在吗|在不在|很高兴认识你)",
    re.IGNORECASE,
)
_THANKS = re.compile(
    r"(?:(?:many )?thanks(?: a lot| so much| very much)?"
    r"|(?:thanks|thank you) for (?:your|the) (?:help|answers?|information|reply|time)"
    r"|thank you(?: very much| so much)?|thx|cheers|(?:that|this|it) (?:really )?(?:helps|helped)"
    r"|(?:that (?:is|was) |very )helpful|谢谢[你您]的(?:帮助|回答|解答)|辛苦[你您]?了"
    r"|ok(?:ay)?|great|perfect|got it|(?:good ?)?bye(?: bye)?|see you(?: later)?|good night"
    r"|(?:非常|多|十分)?感?谢谢?[你您]?们?[了啦]?|好的|好吧|明白了?|知道了|再见|拜拜|回头见|晚安)",
    re.IGNORECASE,
)
_ABLE = re.compile(
    r"(?:what (?:can|do) you (?:do|know)(?: for me)?|what can you help(?: me)? with"
    r"|what are your (?:capabilities|features|functions)|who (?:made|built|created) you"
    r"|how does bifolio work|what are you(?: for)?|who are you"
    r"|what(?:'s| is) your name|how (?:can|could) you help(?: me)?|how do you work|what is this"
    r"|what is bifolio|what can (?:i|you) ask(?: you)?|how do i use (?:this|you|bifolio)"
    r"|help(?: me)?"
    r"|are you (?:a |an )?(?:human|robot|bot|machine|ai|chatgpt)"
    r"|[你您](?:都|又|还)?(?:能|会|可以)(?:帮我|为我)?(?:做|干|回答)?(?:些)?"
    r"(?:什么|啥|哪些事)(?:呢|呀|啊)?"
    r"|[你您]是谁(?:呀|啊)?|[你您]叫什么(?:名字)?|[你您]是一?个?(?:什么|机器人|人工智能|AI|人)吗?"
    r"|[你您]有(?:什么|哪些)(?:功能|用|本领)"
    r"|怎么(?:使用|用)(?:[你您]|这个)?|(?:这是|这个是)什么|帮助"
    r"|我(?:能|可以)问(?:你|您)?(?:些)?什么|bifolio是什么)",
    re.IGNORECASE,
)
_ANSWERS = {
    _HELLO: (
        "Hello. Ask a question about the documents.",
        "你好。请就文档提出问题。",
    ),
    _THANKS: (
        "You are welcome. Ask about the documents whenever you like.",
        "不客气。欢迎随时就文档提问。",
    ),
    _ABLE: (
        "I answer questions from the documents of this library, in English and Chinese, with their"
        " very words and the page where they stand. Ask a question about them.",
        "我根据本资料库中的文档回答中英文问题，并给出原文和所在页码。请就文档提出问题。",
    ),
}
_LONGEST = 80


def small_talk(message: str) -> str:
    """Give what to reply in the message's language; empty if it is to be searched."""
    said = message.strip()
    if len(said) > _LONGEST:
        return ""
    if greeted := re.match(rf"{_HELLO.pattern}{_ENDS}", said, re.IGNORECASE):
        # "Hello, what can you do?"; "Hi-fi prices?" goes on with a letter and is no greeting.
        rest = said[greeted.end() :]
        if rest and re.search(r"[\s,，!！。.、？?]\Z", greeted[0]) and (told := _reply(rest)):
            return told
    return _reply(said)


def _reply(said: str) -> str:
    said = re.sub(r"\A请问[，,\s]*", "", said)
    for pattern, (english, chinese) in _ANSWERS.items():
        if re.fullmatch(rf"(?:(?:{pattern.pattern}){_ENDS}){{1,3}}", said, re.IGNORECASE):
            return chinese if is_chinese(said) else english
    return ""
