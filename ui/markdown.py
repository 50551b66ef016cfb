"""Markdown of language models and documents as HTML: tables, lists, code.

Pictures, links and HTML stay text.
"""

import re
from collections.abc import Callable, Sequence
from itertools import accumulate

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

from bifolio.ui.words import escaped

# Signs of our own in a text, where a marker or a doubt begins and ends. They are punctuation, as
# the brackets that they stand for, so that bold type ends beside them. No foreign one is let in.
OPEN, CLOSE, DOUBT, END = "⸢", "⸣", "⸤", "⸥"
SIGNS = re.compile(f"[{OPEN}{CLOSE}{DOUBT}{END}]")
_SIGN = re.compile(f"( ?{OPEN}\\d{{1,3}}{CLOSE}|{DOUBT}|{END})")
# What a line of Markdown begins with, after the rule of a table or the fence of code: a doubt opens
# behind it, and ends before what closes a row, or code.
_LEADING = re.compile(
    r"(?:[ \t]*(?:\|?[ \t]*:?-+[-:| \t]*|(?:`{3,}|~{3,})[^\n]*)(?:\n|\Z))?"
    r"[ \t]*(?:(?:[-*+]|\d{1,9}[.)]|#{1,6}|>)[ \t]+)*(?:\|[ \t]*)?"
)
_TRAILING = re.compile(r"\n[ \t]*(?:`{3,}|~{3,})[ \t]*\Z|[ \t]*\|[ \t]*\Z")

_ELEMENT = re.compile(r"<(\w+)")
_Mark = Callable[[int], str]


def markdown_html(text: str, *, mark: _Mark, doubts: Sequence[str] = ()) -> str:
    """Make HTML of Markdown with our signs in it.

    ``mark`` gives the HTML of a marker by its number, ``doubts`` are the opening tags of doubtful
    sentences in their order.
    """
    return str(_parser().render(text, {"signed": _Signed(mark, doubts)}))


def marked_markdown_html(text: str, start: int, end: int, opening: str) -> str:
    """Make HTML of Markdown whose span is within elements that begin as ``opening`` does.

    An empty span is an empty element. Nothing where it cannot be shown, as within the name of a
    language behind a fence.
    """
    text = SIGNS.sub("\ufffd", text)
    first, last = words_of(text, start, end if start < end else len(text))
    start, end = (first, last) if start < end else (first, first)
    signed = _Signed(str, [opening])
    marked = f"{text[:start]}{DOUBT}{text[start:end]}{END}{text[end:]}"
    shown = str(_parser().render(marked, {"signed": signed}))
    return shown if signed.is_closed else ""


def words_of(text: str, start: int, end: int) -> tuple[int, int]:
    """Give a span without what stands before and behind the words of a line in Markdown."""
    leading = _LEADING.match(text, start, end)
    if leading and not text[text.rfind("\n", 0, start) + 1 : start].strip():
        start = leading.end()
    closing = _TRAILING.search(text, start, end)
    if closing and not text[end:].partition("\n")[0].strip():
        end = closing.start()
    return start, end


def blocks_around(text: str, start: int, end: int) -> tuple[int, int]:
    """Widen a span to whole blocks of Markdown: no table, list or code is cut."""
    parser = _parser()
    parser.core.ruler.enableOnly(["normalize", "block"])
    begins = list(accumulate((len(line) + 1 for line in text.split("\n")), initial=0))
    blocks = [
        (begins[block.map[0]], min(begins[block.map[1]], len(text)))
        for block in parser.parse(text)
        if block.map and block.level == 0
    ]
    first = max((begin for begin, _ in blocks if begin <= start), default=0)
    last = min((ended for _, ended in blocks if ended >= end), default=len(text))
    return first, last


def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "breaks": True}, renderer_cls=_Renderer)
    parser.enable(["table", "strikethrough"])
    return parser.disable(["image", "link", "autolink", "html_inline", "html_block", "reference"])


class _Signed:
    """Turns signs into HTML; a doubt that goes over several elements is opened in each."""

    def __init__(self, mark: _Mark, doubts: Sequence[str]) -> None:
        self.mark, self.doubts = mark, iter(doubts)
        self.opened = ""

    @property
    def is_closed(self) -> bool:
        """Whether every doubt has been opened and has ended."""
        return not self.opened and next(self.doubts, None) is None

    def html(self, text: str, *, is_code: bool = False) -> str:
        """Give the HTML of a run of words, in which a doubt may begin or end.

        Code shows markers as words.
        """
        shown = self.opened
        for part in _SIGN.split(text):
            shown += self._part(part, is_code=is_code)
        return shown + self._closing()

    def _part(self, part: str, *, is_code: bool) -> str:
        if part == DOUBT:
            self.opened = next(self.doubts, "")
            return self.opened
        if part == END:
            ended = self._closing()
            self.opened = ""
            return ended
        found = re.fullmatch(f" ?{OPEN}(\\d+){CLOSE}", part)
        if found and not is_code:
            return self.mark(int(found[1]))
        return escaped(part.replace(OPEN, "[").replace(CLOSE, "]"))

    def _closing(self) -> str:
        element = _ELEMENT.match(self.opened)
        return f"</{element[1]}>" if element else ""


class _Renderer(RendererHTML):
    """Writes text, code and breaks our way; all tags are markdown-it's own."""

    def text(self, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType) -> str:
        """Write words."""
        signed: _Signed = env["signed"]
        return signed.html(tokens[index].content)

    def table_open(
        self, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType
    ) -> str:
        """Begin a table, which keys can scroll sideways."""
        return '<div class="bf-wide" tabindex="0"><table>\n'

    def table_close(
        self, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType
    ) -> str:
        """End a table."""
        return "</table></div>\n"

    def code_inline(
        self, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType
    ) -> str:
        """Write code within a line."""
        return f"<code>{env['signed'].html(tokens[index].content, is_code=True)}</code>"

    def code_block(
        self, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType
    ) -> str:
        """Write lines of code."""
        code = env["signed"].html(tokens[index].content, is_code=True)
        return f'<pre tabindex="0"><code>{code}</code></pre>\n'

    def fence(self, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType) -> str:
        """Write lines of code; their language has nothing to say here."""
        return self.code_block(tokens, index, options, env)
