"""Markdown of language models: what is shown of it, and what stays text."""

import re

import pytest

from bifolio.ui.markdown import CLOSE, DOUBT, END, OPEN, blocks_around, markdown_html
from bifolio.ui.view_sources import marked_html


def shown(text: str, *doubts: str) -> str:
    return markdown_html(text, mark=lambda number: f"<sup>{number}</sup>", doubts=doubts)


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("**a** and *b*", "<strong>a</strong> and <em>b</em>"),
        ("- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>"),
        ("| a | b |\n|---|---|\n| 1 | 2 |", "<td>1</td>\n<td>2</td>"),
        ("```py\nx < 1\n```", '<pre tabindex="0"><code>x &lt; 1\n</code></pre>'),
        ("use `a<b`", "<code>a&lt;b</code>"),
        ("# Title\n\ntext", "<h1>Title</h1>\n<p>text</p>"),
    ],
)
def test_what_models_write_is_shown(text: str, html: str) -> None:
    assert html in shown(text)


@pytest.mark.parametrize(
    "text",
    [
        "![a](http://evil.test/a.png)",
        "[a](http://evil.test)",
        "<http://evil.test>",
        "[a][r]\n\n[r]: http://evil.test",
        "<img src=http://evil.test>",
        "<div>\n<script>alert(1)</script>\n</div>",
        "```<script>\nx\n```",
        "- ![a](http://evil.test/a.png)",
        "| ![a](http://e) |\n|---|\n| <b> |",
        "&lt;img src=x&gt;",
    ],
)
def test_pictures_links_and_html_stay_text(text: str) -> None:
    html = shown(text).replace('<div class="bf-wide" tabindex="0">', "")
    for tag in ("<img", "<a", "<script", "<div", "<b>", "href", "src=h"):
        assert tag not in html or tag == "src=h"
    assert "evil.test" not in text or "evil.test" in html


def test_markers_stand_where_they_stood_in_words_and_as_words_in_code() -> None:
    html = shown(f"**5.**{OPEN}1{CLOSE} and `x{OPEN}2{CLOSE}`")
    assert "<strong>5.</strong><sup>1</sup>" in html
    assert "<code>x[2]</code>" in html


def test_a_doubt_over_several_elements_is_opened_and_closed_in_each() -> None:
    html = shown(f"- {DOUBT}a **b** c{END} d\n- e", "<span class='x'>")
    assert "<li><span class='x'>a </span><strong><span class='x'>b</span></strong>" in html
    assert html.count("<span") == html.count("</span>") == 3
    assert "</span> d</li>" in html


MANUAL = """\
# Manual

Oil of **HX-200** is changed `every` 250 hours [here](#3).

| Engine | Oil |
|---|---|
| HX-200 | 18 |

1. Drain it.
   - Rinse it.

```sh
pump --drain
```
"""


@pytest.mark.parametrize(
    ("quote", "marked"),
    [
        (
            "Oil of **HX-200** is changed `every` 250 hours",
            "Oil of HX-200 is changed every 250 hours",
        ),
        ("| HX-200 | 18 |", "HX-20018"),
        ("   - Rinse it.", "Rinse it."),
        ("1. Drain it.\n   - Rinse it.", "Drain it.Rinse it."),
        ("# Manual", "Manual"),
        ("pump --drain", "pump --drain"),
        ("[here](#3)", "[here](#3)"),
        ("```sh\npump --drain\n```", "pump --drain"),
    ],
)
def test_the_quoted_words_of_a_document_are_marked_as_they_read(quote: str, marked: str) -> None:
    before, _, after = MANUAL.partition(quote)
    html = marked_html(before, quote, after, as_markdown=True)
    found = re.findall(r'<mark class="bf-here">([^<]*)</mark>', html)
    assert "".join(found) == marked
    assert "<h1>" in html
    unmarked = [re.sub(r"</?mark[^>]*>", "", one) for one in (html, _at("#"))]
    assert unmarked[0] == unmarked[1]


def _at(words: str) -> str:
    """Show the manual at a place, without a quote."""
    before, _, after = MANUAL.partition(words)
    return marked_html(before, "", f"{words}{after}", as_markdown=True)


def test_a_place_without_a_quote_is_found_and_changes_nothing() -> None:
    here = '<mark class="bf-here"></mark>'
    assert f"<h1>{here}Manual</h1>" in _at("# Manual")
    assert f"<td>{here}HX-200</td>" in _at("| HX-200")
    assert f"<li>{here}Rinse it.</li>" in _at("   - Rinse")


def test_what_markdown_does_not_show_is_marked_as_it_is_written() -> None:
    quote = "sh"
    before, _, after = MANUAL.partition("sh\npump")
    html = marked_html(before, quote, f"\npump{after}", as_markdown=True)
    assert '```<mark class="bf-here">sh</mark>' in html
    assert "# Manual" in html


def test_a_part_of_a_document_is_made_of_whole_blocks() -> None:
    inside = MANUAL.index("HX-200 | 18")
    start, end = blocks_around(MANUAL, inside, inside + 3)
    assert MANUAL[start:end] == "| Engine | Oil |\n|---|---|\n| HX-200 | 18 |\n"
    assert blocks_around("", 0, 0) == (0, 0)
