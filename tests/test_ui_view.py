"""What the web chat makes of answers, citations and of words that would be more than words."""

import re
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import pytest
from conftest import threshold

from bifolio import (
    Answer,
    Chunk,
    Citation,
    Claim,
    Document,
    Entry,
    Hit,
    IngestReport,
    Passage,
    Trace,
)
from bifolio.answers.citing import Mark
from bifolio.chats import Exchange, reply_of, source_of
from bifolio.chats.reply import searched_of
from bifolio.ingest import Heading, Page, Table, message, verbatim
from bifolio.ingest_report import Ingested, Renamed, Skipped, Warned
from bifolio.retrieval import Scores, Span, Step
from bifolio.ui import view
from bifolio.ui.texts import CHINESE, ENGLISH, Texts, preferred
from bifolio.ui.view_documents import documents_html, outcome
from bifolio.ui.view_sources import (
    against_html,
    nearest_html,
    passage_html,
    source_html,
    sources_html,
)
from bifolio.ui.view_trace import trace_html
from bifolio.ui.words import escaped, pages_label

HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "' onmouseover='alert(1)",
    "</div></details><iframe src='http://evil.test'></iframe>",
    "<!-- <b> -->",
    "&lt;b&gt; &amp; &#60;",
    "![a](http://evil.test/a.png)",
    "![a][r]\n\n[r]: http://evil.test/a.png",
    "[a](javascript:alert(1)) [b](data:text/html,x)",
    "<http://evil.test> http://evil.test www.evil.test a@evil.test",
    "$\\href{javascript:alert(1)}{x}$ $$x^2$$",
    ":red[danger] :material/home: :smile: :streamlit:",
    "# heading\n\n- item\n\n| a | b |\n|---|---|\n| c | d |",
    "`code` ~~gone~~ _it_ <- -> --",
]
OURS = {"details", "summary", "p", "div", "span", "bdi", "mark", "sup", "blockquote", "strong"}
OURS |= {"table", "tr", "th", "td", "ul", "li", "small", "dl", "dt", "dd", "h1", "button"}
# Of Markdown, and of bars.
OURS |= {"h1", "h2", "thead", "tbody", "code", "pre", "em", "s", "br", "b", "i"}


KNOWN = {"class", "role", "dir", "title", "open", "type", "data-bf", "aria-label", "tabindex"}
KNOWN |= {"style", "scope", "start"}


class Reader(HTMLParser):
    """Reads HTML as a browser does: which tags, which attributes, and the text that shows."""

    def __init__(self, source: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.values: list[str] = []
        self.text = ""
        self.marked = ""
        self._inside = ""
        self.feed(source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.values += [value or "" for _, value in attrs]
        self._inside = tag

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    def handle_data(self, data: str) -> None:
        self.text += data
        if self._inside == "mark":
            self.marked += data


def document(text: str, *, path: str = "/srv/guide.pdf", title: str = "Guide") -> Document:
    half = len(text) // 2
    pages = (Page(3, 0, half), Page(4, half, len(text)))
    return Document(path, title, "0" * 64, text, pages, (Heading(1, "Refunds", 0),))


def citation(whole: Document, quote: str, **options: Any) -> Citation:
    start = whole.text.index(quote)
    passage = Passage((Chunk(whole, 0, len(whole.text)),), 0.9)
    return Citation(1, passage, start, start + len(quote), 0.876, **options)


def answer(text: str, *citations: Citation, mode: Any = "llm", hits: Any = ()) -> Answer:
    trace = Trace(
        question="q",
        steps=(Step("recall", 7, 12.5, message("detail", "7 by vectors")),),
        hits=hits,
        threshold=threshold(0.5, "asked for"),
        keep=8,
        reranker="overlap",
    )
    shown = {cited.marker for cited in citations}
    found = re.finditer(r"\[(\d+)\]", text)
    marks = tuple(Mark(m.start(), m.end(), int(m[1])) for m in found if int(m[1]) in shown)
    return Answer("q", text, citations, False, mode, None, (), (), trace, marks=marks)


def shown_answer(given: Answer, texts: Texts = ENGLISH) -> str:
    return view.answer_html(Exchange(id=7, question="q"), reply_of(given), texts)


def shown_trace(given: Answer, texts: Texts = ENGLISH) -> str:
    return trace_html(searched_of(given.trace), texts)


@pytest.mark.parametrize("words", HOSTILE)
def test_foreign_words_show_as_themselves_everywhere(words: str) -> None:
    whole = document(f"Before. {words} Behind it all.", path=f"/srv/{words}", title=words)
    cited = citation(whole, words)
    written = citation(replace(whole, path="/srv/guide.md"), words)
    hit = Hit(
        Span.of(Chunk(whole, 0, 5), 1),
        Scores(0.5, None, 0.1, 0.7),
        kept=True,
        reason=verbatim("reason", words),
    )
    entry = Entry(path=f"/srv/{words}", title=words, pages=1, chunks=1, sha256="0", added="")
    shown = {
        "question": view.question_html(words),
        "stream": view.streamed_html(words),
        "answer": shown_answer(answer(words)),
        "quotes": shown_answer(answer(f"{words} [1]", cited, mode="quotes")),
        "quotes of Markdown": shown_answer(answer(f"{words} [1]", written, mode="quotes")),
        "citation": sources_html(7, [source_of(cited)], ENGLISH),
        "citation of Markdown": sources_html(7, [source_of(written)], ENGLISH),
        "nearest": nearest_html(7, [source_of(cited)], ENGLISH, is_all=True),
        "against": against_html(7, [(source_of(cited), source_of(cited))], ENGLISH),
        "note": view.note_html("error", words),
        "trace": shown_trace(answer("", hits=(hit,))),
        "documents": documents_html([entry], ENGLISH),
    }
    for place, source in shown.items():
        read = Reader(source)
        assert read.tags <= OURS, place
        assert read.attributes <= KNOWN, place
    for place in ("question", "note"):
        assert Reader(shown[place]).text == words
    assert Reader(shown["citation"]).marked == words


def test_a_name_cannot_leave_the_attribute_it_stands_in() -> None:
    cited = citation(document("Words.", title='" onclick="alert(1)'), "Words.")
    read = Reader(shown_answer(answer("So it is [1].", cited)))
    assert "onclick" not in read.attributes
    assert '" onclick="alert(1) · pages 3-4' in read.values


@pytest.mark.parametrize("unprintable", ["\x00", "\x1b", "\ud800", "\x85"])
def test_what_cannot_be_shown_is_replaced(unprintable: str) -> None:
    assert escaped(f"a{unprintable}b") == "a\ufffdb"


def test_the_marked_words_are_exactly_the_quote() -> None:
    whole = document("Fees & terms. Refunds < 5 days: none & no fee. Behind.")
    cited = citation(whole, "Refunds < 5 days: none & no fee.")
    read = Reader(passage_html(source_of(cited)))
    assert read.marked == cited.quote
    assert read.text == whole.text


def test_a_paragraph_of_a_passage_reads_on_over_the_ends_of_its_lines() -> None:
    words = (
        "持当日船票的乘客可以免费携带一件行李，超过二十公斤的部分按照公\n司公布的价目表另行收费。"
    )
    cited = citation(document(f"行李\n\n{words}"), words)
    read = Reader(passage_html(source_of(cited)))
    assert read.marked == words.replace("\n", "")
    assert read.text == f"行李\n\n{read.marked}"


def test_a_long_passage_is_cut_around_the_quote_and_says_so() -> None:
    cited = citation(document("over " * 900 + "The quote." + " under" * 900), "The quote.")
    read = Reader(passage_html(source_of(cited)))
    assert read.marked == "The quote."
    assert read.text.startswith("… over over")
    assert read.text.endswith(" under …")
    assert len(read.text) < 900


@pytest.mark.parametrize(
    ("pages", "english", "chinese"),
    [((3, 3), "page 3", "第 3 页"), ((3, 4), "pages 3-4", "第 3-4 页")],
)
def test_pages_are_said_in_words(pages: tuple[int, int], english: str, chinese: str) -> None:
    assert pages_label(pages, ENGLISH) == english
    assert pages_label(pages, CHINESE) == chinese


def test_a_citation_tells_title_file_pages_section_and_score() -> None:
    cited = citation(document("It is 75 %. And more of it here."), "It is 75 %.")
    text = Reader(source_html(7, source_of(cited), ENGLISH)).text
    assert text.startswith("[1] Guide · page 3guide.pdf · page 3 · in “Refunds” · score 0.88")
    assert "/srv" not in text


def test_the_number_of_a_page_stands_beside_its_word() -> None:
    source = source_of(citation(document("It is 75 %."), "It is 75 %."))
    near = nearest_html(7, [source], ENGLISH, is_all=True)
    for shown in (source_html(7, source, ENGLISH), near):
        assert ' · <span class="bf-whole">page' in shown


def test_a_citation_without_support_is_flagged_in_the_text_and_in_the_list() -> None:
    cited = citation(document("It is 75 %."), "It is 75 %.", supported=False)
    assert ENGLISH.unsupported in shown_answer(answer("It is 80 % [1].", cited))
    assert ENGLISH.unsupported in Reader(source_html(7, source_of(cited), ENGLISH)).text


def test_a_citation_that_the_program_found_says_so_at_its_mark_and_in_the_list() -> None:
    cited = citation(document("It is 75 %."), "It is 75 %.", found=True)
    assert ENGLISH.found in shown_answer(answer("It is 75 % [1].", cited))
    assert CHINESE.found in Reader(source_html(7, source_of(cited), CHINESE)).text


def test_only_markers_of_citations_are_marks() -> None:
    cited = citation(document("It is 75 %."), "It is 75 %.")
    source = shown_answer(answer("So [1], but see [2] and **note** [3.1].", cited))
    assert source.count("<button") == 1
    assert "see [2]" in source
    assert Reader(source).text.startswith("So\u2060[1], but")
    assert "<strong>note</strong>" in source


def test_a_marker_that_the_model_wrote_itself_is_text() -> None:
    cited = citation(document("It is 75 %."), "It is 75 %.")
    given = replace(answer("It is [1] so [1].", cited), marks=(Mark(13, 16, 1),))
    assert shown_answer(given).count("<button") == 1


def test_a_doubtful_claim_is_marked_alone_and_says_why() -> None:
    claim = Claim("Dogs fly.", 11, 24, (1,), False, "contradicted")
    cited = citation(document("Dogs pay."), "Dogs pay.")
    given = replace(answer("Cats pay.  Dogs fly [1].", cited), claims=(claim,))
    source = shown_answer(given)
    assert source.count('class="bf-claim"') == 1
    assert 'title="the cited passage says otherwise">Dogs fly' in source
    why = "Underlined with a wave: the cited passage says otherwise."
    assert " ".join(Reader(source).text.split()) == f"Cats pay. Dogs fly\u2060[1]. {why}"


def test_doubts_about_rows_leave_a_table_a_table() -> None:
    rows = ["| Thing | Rule |", "|---|---|", "| Skis | none |", "| Dogs | pay |"]
    text, claims = "\n".join(rows), []
    for row in rows:
        start = text.index(row)
        claims.append(Claim(row, start, start + len(row), (), False, "uncited"))
    cited = citation(document("Dogs pay."), "Dogs pay.")
    source = shown_answer(replace(answer(text, cited), claims=tuple(claims)))
    assert source.count("<th>") == 2
    assert source.count("<td>") == 4
    assert "|" not in Reader(source).text
    assert source.count("<span") == source.count("</span>") == 6


def test_an_answer_that_is_coming_is_escaped_as_a_whole() -> None:
    pieces = ["It is 7", "5 % [1", "]. !", "[a](http", "://evil.test) <im", "g src=x>"]
    read = Reader(view.streamed_html("".join(pieces)))
    assert read.tags == {"div", "p"}
    assert read.text.strip() == "It is 75 % [1]. ![a](http://evil.test) <img src=x>"


def test_the_best_passages_that_may_answer_are_opened_where_nothing_is_quoted() -> None:
    near = [source_of(citation(document("It is 75 %."), "It is 75 %."))] * 5
    alone = nearest_html(7, near, ENGLISH, is_all=True)
    assert [one.startswith(" open>") for one in alone.split('bf-nearest"')[1:]] == [
        *[True] * 3,
        *[False] * 2,
    ]
    assert Reader(alone).text.startswith(f"{ENGLISH.nearest}Guide · pages 3-4")
    beside = nearest_html(7, near, ENGLISH, is_all=False)
    assert Reader(beside).text.startswith(ENGLISH.nearest_too)
    assert "open>" not in beside


def test_brackets_and_stars_inside_a_quote_are_left_alone() -> None:
    cited = citation(document("As shown [1] by **A**."), "As shown [1] by **A**.")
    quoted = shown_answer(answer("As shown [1] by **A**. [1]", cited, mode="quotes"))
    assert Reader(quoted).text == "As shown [1] by **A**.\u2060[1]"
    assert quoted.count("<button") == 1
    assert "<strong>" not in quoted
    # No line ends between the words and their mark.
    assert '**A**<span class="bf-whole">.' in quoted


def test_a_quote_of_markdown_is_shown_as_it_reads() -> None:
    said = "- The **ferry** costs `5` [crowns](#c)."
    cited = citation(document(said, path="/srv/guide.md"), said)
    quoted = shown_answer(answer(f"{said} [1]", cited, mode="quotes"))
    assert Reader(quoted).text.strip() == "The ferry costs 5 [crowns](#c).\u2060[1]"
    assert "<li>The <strong>ferry</strong> costs <code>5</code>" in quoted
    assert quoted.count("<button") == 1


def test_a_quote_of_markdown_keeps_its_lines_and_its_mark() -> None:
    steps = "1. Drain it:\n   - once,\n   - twice.\n\n```sh\npump"
    cited = citation(document(steps, path="/srv/guide.md"), steps)
    said = " ".join(steps.split())
    quoted = shown_answer(answer(f"{said} [1]", cited, mode="quotes"))
    assert "<li>once,</li>\n<li>twice.</li>" in quoted
    assert "<code>pump</code></pre>\n\u2060<button" in quoted
    assert quoted.count("<button") == 1


def test_a_quoted_row_of_markdown_has_no_bars_in_its_cells() -> None:
    text = "| Size | Price |\n| Large | 9 |"
    rows = tuple((match.start(), match.end()) for match in re.finditer(r".+", text))
    table = Table(0, len(text), rows, has_head=True)
    whole = replace(document(text, path="/srv/guide.md"), tables=(table,))
    cited = citation(whole, "| Large | 9 |")
    quoted = shown_answer(answer("| Large | 9 | [1]", cited, mode="quotes"))
    assert '<th scope="col">Size</th><th scope="col">Price</th>' in quoted
    assert "|" not in Reader(quoted).text


def test_a_quoted_row_is_a_table_below_its_head() -> None:
    text = "Size | Price\nLarge | <b>9</b>\nSmall | 5"
    rows = tuple((match.start(), match.end()) for match in re.finditer(r".+", text))
    table = Table(0, len(text), rows, has_head=True)
    cited = citation(replace(document(text), tables=(table,)), "Large | <b>9</b>")
    # As answers without a language model write it.
    said = "Size | Price / Large | <b>9</b> [1]"
    quoted = shown_answer(answer(said, cited, mode="quotes"))
    assert '<th scope="col">Size</th><th scope="col">Price</th>' in quoted
    assert ">&lt;b&gt;9&lt;/b&gt;</span></td></tr></table>" in quoted
    # A narrow page breaks no short cell.
    assert '<td><span class="bf-whole">Large</span></td>' in quoted
    assert quoted.count("<tr>") == 2


def test_a_trace_tells_steps_threshold_and_reasons() -> None:
    whole = document("Words and more words.")
    hits = tuple(
        Hit(Span.of(Chunk(whole, 0, 5), 1), Scores(rerank=0.25), reason=message("low", "too low"))
        for _ in range(30)
    )
    text = Reader(shown_trace(answer("", hits=hits))).text
    assert "recall712" in text
    assert "Threshold 0.5: asked for" in text
    assert "The best 10 of 30 chunks" in text
    assert text.count("dropped: too low") == 10


def test_a_trace_tells_all_pages_of_a_chunk() -> None:
    whole = replace(document("One.\nTwo."), pages=(Page(1, 0, 5), Page(2, 5, 9)))
    hit = Hit(Span.of(Chunk(whole, 0, 9), 1), Scores(rerank=0.25), reason=message("low", "low"))
    assert "guide.pdf, pages 1-2" in Reader(shown_trace(answer("", hits=(hit,)))).text


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        (
            ENGLISH,
            "overlap has none yet (none published). The best 8 are kept",
        ),
        (CHINESE, "overlap 尚无阈值（none published）。不论得分高低，保留最好的 8 个"),
    ],
)
def test_a_trace_tells_that_a_reranker_has_no_threshold_yet(texts: Texts, said: str) -> None:
    trace = replace(answer("").trace, threshold=threshold(None, "none published"))
    assert said in Reader(trace_html(searched_of(trace), texts)).text


def test_a_trace_tells_that_no_reranker_ran() -> None:
    trace = replace(answer("").trace, threshold=threshold(None), reranker="")
    assert "No threshold without a reranker" in Reader(trace_html(searched_of(trace), ENGLISH)).text


NO_NAME = message("name-not-utf-8", "its name is not UTF-8; rename it")


def test_an_upload_is_told_in_one_line_in_the_readers_language() -> None:
    no_text = message("no-text", "there is no text")
    report = IngestReport(
        "lib",
        added=(Ingested("a.pdf", 4, 1),),
        warnings=(Warned("a.pdf", (2, 3), no_text), Warned("a.pdf", (), no_text)),
    )
    told = "a.pdf: added, 4 pages, 1 chunk; pages 2, 3: there is no text; there is no text"
    assert outcome("x/a.pdf", report, ENGLISH) == told
    assert outcome("a.pdf", IngestReport("lib", unchanged=1), ENGLISH).endswith(ENGLISH.unchanged)
    skipped = IngestReport("lib", skipped=(Skipped("a.exe", NO_NAME),))
    said = CHINESE.skipped.format(reason=CHINESE.say(NO_NAME))
    assert outcome("a.exe", skipped, CHINESE) == f"a.exe：{said}"
    assert "UTF-8" in said
    assert "rename" not in said


def test_a_folder_is_told_in_counts_and_its_troubles_by_name() -> None:
    report = IngestReport(
        "lib",
        added=(Ingested("p/a.pdf", 4, 1), Ingested("p/b.pdf", 1, 1)),
        unchanged=3,
        renamed=(Renamed("p/c.md", "p/d.md"),),
        skipped=tuple(Skipped(f"p/{number}.doc", NO_NAME) for number in range(14)),
    )
    told = outcome("p", report, ENGLISH)
    assert told.startswith("p: 2 documents added; 3 unchanged; 1 renamed; 0.doc: not added: ")
    assert told.endswith("9.doc: not added: its name is not UTF-8; rename it; and 4 more")
    assert outcome("p", IngestReport("lib"), CHINESE) == "p：其中没有可读取的文件"


def test_a_long_list_of_documents_is_cut_and_says_so() -> None:
    entry = Entry(path="a.md", title="A", pages=1, chunks=2, sha256="0", added="")
    text = Reader(documents_html([entry] * 250, ENGLISH)).text
    assert text.startswith("Documents (250)")
    assert text.endswith("and 242 more")


@pytest.mark.parametrize(
    ("locale", "language"), [("zh-CN", "中文"), ("en-US", "English"), (None, "English")]
)
def test_the_browsers_language_is_the_first_choice(locale: str | None, language: str) -> None:
    assert preferred(locale) == language
