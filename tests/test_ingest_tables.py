"""Tables in plain text and Markdown: their rows, and the head that names the columns."""

from collections.abc import Callable

import pytest

from bifolio.ingest import Chunk, Document, Page, Table, split
from bifolio.ingest.parsed import Parsed
from bifolio.ingest.plain import parse_markdown, parse_text
from bifolio.ingest.readers.outlined import parse_latex
from bifolio.ingest.readers.rst import parse_rst
from bifolio.ingest.tables import looks_like_head

PIPES = "Boat | Berth\n-----+------\nLark | 3\nGull | 4"
TABS = "Boat\tBerth\tFee\nLark\t3\t20\nGull\t4\t25"
COMMAS = "Boat,Berth,Fee\nLark,3,20\nGull,4,25"
COLUMNS = "Boat     Berth   Fee\nLark         3    20\nGull        14   125"
CHINESE = "船名      泊位   费用\n云雀号       3     20\n鸥         14    125"


@pytest.mark.parametrize("text", [PIPES, TABS, COMMAS, COLUMNS, CHINESE])
def test_a_table_in_plain_text_is_found_with_its_head(text: str) -> None:
    parsed = parse_text(f"About boats.\n\n{text}\n\nThe end.".encode())

    ((start, end, rows, has_head),) = parsed.tables
    assert has_head
    lines = [line for line in text.split("\n") if "--" not in line]
    assert [parsed.text[first:last] for first, last in rows] == lines
    assert (start, end) == (rows[0][0], rows[-1][1])


@pytest.mark.parametrize(
    "text",
    [
        "We sell apples, pears, plums, and\nfish, bread, milk, and also\ncheese, and cream.",
        "He came.  Then he went.\nIt rained.  No one stayed.\nThe end.  Really.",
        "one line | only",
        "",
    ],
)
def test_prose_is_no_table(text: str) -> None:
    assert parse_text(text.encode()).tables == []


def test_a_table_in_markdown_is_found_by_its_grammar() -> None:
    parsed = parse_markdown(
        b"# Boats\n\n| Boat | Berth |\n|---|--:|\n| Lark | 3 |\n\n    | no | table |\n"
    )

    ((_, _, rows, has_head),) = parsed.tables
    assert has_head
    assert [parsed.text[start:end] for start, end in rows] == ["| Boat | Berth |", "| Lark | 3 |"]


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ([["Boat", "Berth"], ["Lark", "3"]], True),
        ([["Lark", "3"], ["Gull", "4"]], False),
        ([["2023", "2024"], ["5", "6"]], False),
        ([["Boat", "Flag", "Port"], ["Lark", "red", "Oslo"], ["Gull", "blue", "Rome"]], True),
    ],
)
def test_a_head_has_no_figures_where_its_columns_have(
    cells: list[list[str]], expected: bool
) -> None:
    assert looks_like_head(cells) is expected


def long_table() -> Document:
    rows = ["| Wood | Weight |", *(f"| Kind {number} | {30 + number} |" for number in range(96))]
    text = "# Wood\n\n" + rows[0] + "\n|---|---|\n" + "\n".join(rows[1:]) + "\n"
    parsed = parse_markdown(text.encode())
    tables = tuple(Table(a, b, tuple(c), d) for a, b, c, d in parsed.tables)
    return Document("w.md", "Wood", "", parsed.text, (Page(1, 0, len(text)),), tables=tables)


def test_no_row_is_cut_and_each_later_chunk_of_a_table_is_searched_with_its_head() -> None:
    chunks = split(long_table(), size=200, length=len)

    assert len(chunks) > 5
    for chunk in chunks[1:]:
        assert all(
            line.startswith("| Kind") and line.endswith("|") for line in chunk.text.split("\n")
        )
        assert "| Wood | Weight |" in chunk.searched
        assert "Wood | Weight" not in chunk.text
        assert len(chunk.searched) <= 220


def test_the_head_of_a_table_has_no_head() -> None:
    document = long_table()
    head = document.tables[0].start

    assert document.table_head(head) == document.table_head(0) == ""
    assert document.table_head(len(document.text)) == ""
    assert Chunk(document, head, head + 5).context == "Wood"


def test_a_row_longer_than_a_chunk_is_cut_and_not_lost() -> None:
    text = "|" + " cell |" * 100
    chunks = split(Document("d", "d", "", text, (Page(1, 0, len(text)),)), size=100, length=len)

    assert "".join(chunk.text for chunk in chunks).replace(" ", "") == text.replace(" ", "")


def test_a_table_of_restructuredtext_has_its_head_and_its_rows() -> None:
    text = "==== =====\nName Price\n==== =====\nA    5\n     more\nB    6\n==== =====\n\nNext."

    ((_, _, rows, has_head),) = parse_text(text.encode()).tables

    assert [text[start:end].split() for start, end in rows] == [
        ["Name", "Price"],
        ["A", "5", "more"],
        ["B", "6"],
    ]
    assert has_head


def test_a_frame_with_a_line_between_any_two_rows_holds_rows_of_several_lines() -> None:
    rows = ["| Name | Fee |", "| A    | 5   |", "| long | 6   |", "| B    | 7   |"]
    line, head = "+------+-----+", "+======+=====+"
    framed = [line, rows[0], head, *rows[1:3], line, rows[3], line]
    printed = [line, rows[0], line, *rows[1:], line]

    for text, count in (("\n".join(framed), 3), ("\n".join(printed), 4)):
        ((_, _, spans, has_head),) = parse_text(text.encode()).tables
        assert (len(spans), has_head) == (count, True)
        assert text[slice(*spans[1])].startswith("| A")
        assert text[slice(*spans[1])].endswith("6   |" if count == 3 else "5   |")


def test_tables_that_restructuredtext_writes_as_lists_or_values_are_rows() -> None:
    text = """Fees
====

.. list-table:: Fees of 2024
   :header-rows: 1
   :widths: 10 20

   * - Boat
     - Fee
   * - Yacht,
       large
     - 14

.. csv-table::
   :header: Boat, Fee

   "Gig, small", 6

After
-----
"""
    parsed = parse_rst(text.encode())

    assert [
        ([parsed.text[start:end] for start, end in rows], has_head)
        for _, _, rows, has_head in parsed.tables
    ] == [
        (["Boat | Fee", "Yacht, large | 14"], True),
        (["Boat | Fee", "Gig, small | 6"], True),
    ]
    assert "Fees of 2024" in parsed.text
    assert [parsed.text[start:].split("\n")[0] for _, _, start in parsed.headings] == [
        "Fees",
        "After",
    ]


LATEX = r"""\begin{table}
\begin{tabular}{|l|r|}
\toprule
Pier & Fee \\ \midrule
P-1 & 40 \\[2pt]
P-2 \& 3 &
55 \\
\bottomrule
\end{tabular}
\end{table}
"""


@pytest.mark.parametrize("parse", [parse_latex, parse_markdown])
def test_rows_of_a_table_of_latex_are_rows(parse: Callable[[bytes], Parsed]) -> None:
    parsed = parse(LATEX.encode())

    ((_, _, rows, headed),) = parsed.tables
    assert headed
    assert [" ".join(parsed.text[start:end].split()) for start, end in rows] == [
        r"Pier & Fee \\",
        r"P-1 & 40 \\[2pt]",
        r"P-2 \& 3 & 55 \\",
    ]


def test_a_table_that_is_fenced_off_in_markdown_is_one() -> None:
    parsed = parse_markdown(b"```\n| Pier | Fee |\n| P-1 | 40 |\n| P-2 | 55 |\n```\n")

    ((_, _, rows, headed),) = parsed.tables
    assert headed
    assert [parsed.text[start:end] for start, end in rows][2] == "| P-2 | 55 |"


@pytest.mark.parametrize(
    ("above", "caption"),
    [
        ("Fares in euros", "Fares in euros"),
        ("Table 2: fares\n\n", "Table 2: fares"),
        ("They are paid on board.", None),
        ("票价如下。", None),
        ("", None),
    ],
)
def test_a_line_above_a_table_is_its_caption_unless_it_is_a_sentence(
    above: str, caption: str | None
) -> None:
    row = "a | 1"
    text = f"{above}\n{row}"
    start = len(above) + 1
    tables = (Table(start, len(text), ((start, len(text)),), has_head=False),)
    document = Document("a.txt", "a", "", text, (Page(1, 0, len(text)),), tables=tables)

    found = document.table_caption(start)

    assert (text[slice(*found)] if found else None) == caption
    assert document.table_caption(0 if above else len(text)) is None
