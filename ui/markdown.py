"""Markdown of language models as HTML: tables, lists, code; pictures, links and HTML stay text."""

import re
from collections.abc import Callable, Sequence

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
# What a line of Markdown begins with, after the rule of a table: a doubt opens behind it, and ends
# before what closes a row.
LEADING = re.compile(
    r"(?:[ \t]*\|?[ \t]*:?-+[-:| \t]*(?:\n|\Z))?"
    r"[ \t]*(?:(?:[-*+]|\d{1,9}[.)]|#{1,6}|>)[ \t]+)*(?:\|[ \t]*)?"
)
TRAILING = re.compile(r"[ \t]*\|[ \t]*\Z")

_Mark = Callable[[int], str]


def markdown_html(text: str, *, mark: _Mark, doubts: Sequence[str] = ()) -> str:
    """Make HTML of Markdown with our signs in it.

    ``mark`` gives the HTML of a marker by its number, ``doubts`` are the opening tags of doubtful
    sentences in their order.
    """
    signed = _Signed(mark, doubts)
    parser = MarkdownIt("commonmark", {"html": False, "breaks": True}, renderer_cls=_Renderer)
    parser.enable(["table", "strikethrough"])
    parser.disable(["image", "link", "autolink", "html_inline", "html_block", "reference"])
    return str(parser.render(text, {"signed": signed}))


class _Signed:
    """Turns signs into HTML; a doubt that goes over several elements is opened in each."""

    def __init__(self, mark: _Mark, doubts: Sequence[str]) -> None:
        self.mark, self.doubts = mark, iter(doubts)
        self.opened = ""

    def html(self, text: str) -> str:
        """Give the HTML of a run of words, in which a doubt may begin or end."""
        shown = self.opened
        for part in _SIGN.split(text):
            shown += self._part(part)
        return shown + "</span>" * bool(self.opened)

    def plain(self, text: str) -> str:
        """Give the markers in words, as code shows them."""
        for part in _SIGN.split(text):
            self._part(part)
        text = re.sub(f"{OPEN}(\\d+){CLOSE}", r"[\1]", text)
        return escaped(SIGNS.sub("", text))

    def _part(self, part: str) -> str:
        if part == DOUBT:
            self.opened = next(self.doubts, "")
            return self.opened
        if part == END:
            ended = "</span>" * bool(self.opened)
            self.opened = ""
            return ended
        found = re.fullmatch(f" ?{OPEN}(\\d+){CLOSE}", part)
        return self.mark(int(found[1])) if found else escaped(part)


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
        return f"<code>{env['signed'].plain(tokens[index].content)}</code>"

    def code_block(
        self, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType
    ) -> str:
        """Write lines of code."""
        return (
            f'<pre tabindex="0"><code>{env["signed"].plain(tokens[index].content)}</code></pre>\n'
        )

    def fence(self, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType) -> str:
        """Write lines of code; their language has nothing to say here."""
        return self.code_block(tokens, index, options, env)
