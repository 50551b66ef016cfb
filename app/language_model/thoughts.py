"""The thoughts of a reasoning model, which stand in its text between tags, are no answer."""

import re

_NAMES = r"(?:seed:)?(?:think|thinking|thought|thoughts|reasoning|reflection|scratchpad|analysis)"
# Qwen and DeepSeek; Mistral; Kimi; Open Thoughts; gpt-oss and Gemma; Open WebUI. A tag that is
# quoted is spoken of.
_OPEN = (
    rf"<{_NAMES}(?:\s[^<>\n]{{0,80}})?>|\[THINK\]|◁think▷|<\|begin_of_thought\|>"
    r"|<\|channel\|?>(?:(?:analysis|commentary)<\|message\|>|thought\s)"
    r"|<details type=\W?reasoning[^<>\n]{0,80}>"
)
_CLOSE = (
    rf"</{_NAMES}\s*>|\[/THINK\]|◁/think▷|<\|end_of_thought\|>"
    r"|<\|end\|>|<channel\|>|assistantfinal"
)
# A call of a tool that the server did not understand: what follows is for no reader.
_TOOL = (
    r"<tool_call>|<\|tool_calls?[a-z_]{0,20}\|>|\[TOOL_CALLS?\]|<\|python_tag\|>|<function[=_]"
    r"|<invoke\s|<｜(?:DSML|tool)[｜▁]|<\|channel\|>commentary to=|<\|call\|>"
)
# What a model was trained to put around its answer.
_WRAP = r"</?(?:final_?)?(?:answer|response|output)>"
# Tokens of chat templates that a badly set server lets through; with some a turn ends, and a model
# that goes on writes the user's next question.
_STOP = (
    r"<\|(?:im_end|eot_id|eom_id|endoftext|end_of_text|return)\|>|<end_of_turn>|<eos>"
    r"|<｜end▁of▁sentence｜>"
)
_TEMPLATE = (
    r"<\|channel\|>final<\|message\|>|<\|start\|>assistant"
    r"|(?:<\|im_start\|>|<start_of_turn>)[a-z]*(?=[^a-z])|<\|begin_of_text\|>|<bos>"
    r"|<｜[a-z▁]{1,30}｜>|<\|(?:begin|end)_of_(?:solution|box)\|>"
)
_TAG = re.compile(
    rf"(?<![`'\"“‘「])(?:(?P<open>{_OPEN})|(?P<close>{_CLOSE})|(?P<stop>{_STOP})|(?P<tool>{_TOOL})"
    rf"|(?P<wrap>{_WRAP})|{_TEMPLATE})",
    re.IGNORECASE,
)
# The end of a sequence; in the middle of a text it ends a word that is struck out.
_LAST = re.compile(r"</s>\s*\Z", re.IGNORECASE)
_END = re.compile(rf"{_CLOSE}|</details>", re.IGNORECASE)
# What may still become a tag, at the end of what has come so far.
_MAYBE = re.compile(
    r"[`'\"“‘「]?(?:(?:<\|(?:end|(?:im_)?start|channel)\|?>[a-z]*)*(?:<[/|]?[a-z_:]{0,20}\|?)?"
    r"|<start_of_turn>[a-z]*|<｜[a-z▁]{0,30}｜?|</s>\s*|<\|channel\|>commentary[ to]{0,3}"
    rf"|</?(?:{_NAMES}|details)\s[^<>\n]{{0,40}}|a|as|ass|assi|assis|assist[a-z]{{0,8}}"
    r"|\[/?[a-z_]{0,11}|◁/?[a-z]{0,5})\Z",
    re.IGNORECASE,
)
_LONGEST_TAG = 64
# How those begin who think aloud; some servers swallow the opening tag. What begins so is held
# back until it is known whether a closing tag comes.
_ALOUD = re.compile(
    r"(?:(?:okay|ok|alright|all right|hmm|wait|let me|let's|first|so|now|well|we (?:need|are|have)"
    r"|i (?:need|have|will|should|am)|i'll|the (?:user|question)|looking at|to answer)\b"
    r"|analysis(?-i:[A-Z])|好的|好，|嗯|首先|用户|让我|我需要|我们|问题)",
    re.IGNORECASE,
)
# Whose turn it is, which some write before they begin.
_ROLE = re.compile(r"\s*(?:assistant|AI|bot|助手|助理)\s*(?:[:：]|\n)\s*", re.IGNORECASE)
_LEAST_OPENING = 14


class Thoughts:
    """Takes a reply piece by piece and lets through what is no thought.

    ``retracted`` says that a closing tag without an opening one has come: all the text before it
    was thought, also what was let through already; ``tool`` that a tool was asked for.
    """

    def __init__(self) -> None:
        self.retracted = False
        self.thought = False
        self.tool = False
        self._held = ""  # may become a tag
        self._opening: str | None = ""  # the reply's beginning; None when it is let through
        self._inside = False
        self._said = self._over = self._wrapped = False

    def feed(self, piece: str) -> str:
        """Take a piece, and give what can be shown."""
        if self._over:
            return ""
        text = self._spoken(self._held + piece)
        if self._inside:
            self._held = self._held[-_LONGEST_TAG:]
            return self._begin(text)
        cut = _maybe(self._held)
        self._said = self._said or bool(self._held[:cut].strip())
        shown, self._held = text + self._held[:cut], self._held[cut:]
        return self._begin(shown)

    def finish(self) -> str:
        """Give what was held back, now that nothing more comes."""
        held = "" if self._inside else _LAST.sub("", self._held)
        shown = (self._opening or "") + held
        if self._opening is not None and (role := _ROLE.match(shown)):
            shown = shown[role.end() :]
        self._held, self._opening = "", None
        return shown

    def _spoken(self, text: str) -> str:
        """Give the text up to the last whole tag; what is behind it is held."""
        spoken, place = "", 0
        while tag := (_END if self._inside else _TAG).search(text, place):
            if self._inside:
                self._inside = False
                # Who tags its thoughts needs no watching.
                self._opening = self._opening or None
            else:
                spoken += text[place : tag.start()]
                if tag["wrap"] and self._is_said(tag[0], spoken):
                    spoken += tag[0]
                if tag["open"]:
                    self._inside = self.thought = True
                elif tag["close"]:
                    spoken, self._opening = "", None
                    self.retracted = self.thought = True
            self._said = self._said or bool(spoken.strip())
            place = tag.end()
            self.tool = tag.lastgroup == "tool"
            if self.tool or (tag.lastgroup == "stop" and self._said):
                self._over, place = True, len(text)
        self._held = text[place:]
        return spoken

    def _is_said(self, tag: str, spoken: str) -> bool:
        """Tell whether a tag around an answer is a word of it: none was opened at its beginning."""
        if tag.startswith("</"):
            return not self._wrapped
        begins = not (self._said or spoken.strip())
        self._wrapped = self._wrapped or begins
        return not begins

    def _begin(self, shown: str) -> str:
        if self._opening is None:
            return shown
        self._opening += shown
        begun = self._opening.lstrip()
        if len(begun) < _LEAST_OPENING or _ALOUD.match(begun):
            return ""
        self._opening = None
        return begun[role.end() :] if (role := _ROLE.match(begun)) else begun


def _maybe(text: str) -> int:
    found = _MAYBE.search(text, max(0, len(text) - _LONGEST_TAG))
    return found.start() if found else len(text)
