"""Tables whose rows alone are parted by drawn lines, and pages whose lines part no rows."""

from collections.abc import Sequence

import pytest
from pdf_pages import A4, Shown, page_bytes

from bifolio.ingest.pdf.parse import parse_pdf

LEFT, RIGHT, LEFTS = 60, 420, (62, 174, 287)
HEAD = (("Symptom",), ("Cause",), ("Remedy",))
# Each cell is a list of lines, all of them broken for want of room.
ROWS = [
    (("The pump makes no", "noise at all"), ("Fuse blown",), ("Replace the fuse by one",)),
    (
        ("The pump runs, but", "no water comes"),
        ("Hose bent, or filled", "with weed"),
        ("Clear it, and clean the", "strainer too"),
    ),
    (("It stops",), ("Heat",), ("Wait for an hour",)),
]
TOLD = [
    "Symptom | Cause | Remedy",
    "The pump makes no noise at all | Fuse blown | Replace the fuse by one",
    "The pump runs, but no water comes | Hose bent, or filled with weed"
    " | Clear it, and clean the strainer too",
    "It stops | Heat | Wait for an hour",
]


def drawn(tops: Sequence[float], *, down: Sequence[float] = ()) -> str:
    up = [A4[1] - top for top in tops]
    return "\n".join(
        (
            *(f"{LEFT} {top} m {RIGHT} {top} l S" for top in up),
            *(f"{left} {up[0]} m {left} {up[-1]} l S" for left in down),
        )
    )


def placed(rows: Sequence[Sequence[Sequence[str]]]) -> tuple[list[Shown], list[float]]:
    """Place rows below each other, and give where each of them begins and the last one ends."""
    shown, tops, top = [], [100.0], 100.0
    for row in rows:
        for left, cell in zip(LEFTS, row, strict=True):
            shown += [Shown(left, top + 14 + 12 * n, text) for n, text in enumerate(cell)]
        top += 8 + 12 * max(map(len, row))
        tops.append(top)
    return shown, tops


@pytest.mark.parametrize("down", [(), (LEFT, 172, 285, RIGHT)])
@pytest.mark.parametrize("kept", [slice(None), slice(1, None), slice(None, -1)])
def test_what_stands_between_two_lines_is_one_row_however_its_cells_are_broken(
    down: Sequence[float], kept: slice
) -> None:
    shown, tops = placed([HEAD, *ROWS])
    above, below = (
        Shown(62, 80, "Faults", 16),
        Shown(62, tops[-1] + 40, "Call us if all else fails."),
    )
    lines = drawn(tops[kept], down=down) if not down else drawn(tops, down=down)

    parsed = parse_pdf(page_bytes([above, *shown, below], drawn=lines))

    assert parsed.text.split("\n") == ["Faults", *TOLD, "Call us if all else fails."]
    assert [(len(rows), head) for _, _, rows, head in parsed.tables] == [(4, True)]


def test_rows_between_which_there_is_no_line_stay_rows() -> None:
    head, low, middle, high = (
        ((name,), (b,), (c,))
        for name, b, c in (
            ("Method", "Idea", "Cost"),
            ("Sweep", "Each in turn", "low"),
            ("Tree", "Quarters", "middle"),
            ("Ours", "Learns", "high"),
        )
    )
    shown, tops = placed([head, low, middle, high])

    parsed = parse_pdf(page_bytes(shown, drawn=drawn([tops[at] for at in (0, 1, 3, 4)])))

    assert parsed.text.split("\n") == [
        "Method | Idea | Cost",
        "Sweep | Each in turn | low",
        "Tree | Quarters | middle",
        "Ours | Learns | high",
    ]


@pytest.mark.parametrize(
    "rows",
    [
        # Each row begins where the further lines of the one above it end.
        [
            (("1 + (1 g)",), ("mean",), ("Intercepts that are the", "same for all the groups.")),
            (
                ("x + (1 g)",),
                ("slope",),
                ("Intercepts that differ a", "little from one to another."),
            ),
            (("x + (x g)",), ("both",), ("Slopes and intercepts", "that are not correlated.")),
        ],
        # No line was broken that leaves room for the next one's first word.
        [
            (("dvi",), ("eps",), ("drawn as it stands there",)),
            (("xelatex",), ("pdf",), ("none",)),
            (("latex",), ("ps",), ("letters and all the lines",)),
        ],
    ],
)
def test_lines_around_the_head_and_all_rows_make_no_row_of_these(
    rows: Sequence[Sequence[Sequence[str]]],
) -> None:
    head = (("Formula",), ("Gives",), ("Meaning",))
    shown, top = [], 114.0
    for row in (head, *rows):
        for left, cell in zip(LEFTS, row, strict=True):
            shown += [Shown(left, top + 12 * n, text) for n, text in enumerate(cell)]
        top += 12 * max(map(len, row))

    parsed = parse_pdf(page_bytes(shown, drawn=drawn([102, 117, top - 9])))

    told = [" | ".join(" ".join(cell) for cell in row) for row in (head, *rows)]
    assert parsed.text.split("\n") == told


def test_lines_between_paragraphs_and_below_what_is_filled_in_make_no_table() -> None:
    texts = [
        "Dues are paid in advance, each year anew.",
        "Name: Dawn Gull",
        "Length: 7.2 m",
        "Date:",
    ]
    shown = [Shown(62, 114 + 20 * n, text) for n, text in enumerate(texts)]

    parsed = parse_pdf(page_bytes(shown, drawn=drawn([100 + 20 * n for n in range(5)])))

    assert (parsed.text.split("\n"), parsed.tables) == (texts, [])


def test_a_row_that_a_page_cuts_goes_on_below_the_head_of_the_next_one() -> None:
    cut, rest = (
        (("It leaks",), ("Seal worn, or not",), ("Fit a new one",)),
        (
            (),
            ("set as it should", "be set"),
            (),
        ),
    )
    first, tops = placed([HEAD, *ROWS, cut])
    second, _ = placed([HEAD, rest, *ROWS[1:]])

    # No line is drawn below the head and the first row.
    parsed = parse_pdf(page_bytes(first, second, drawn=drawn(tops[2:5])))

    ((start, end, rows, has_head),) = parsed.tables
    assert parsed.text[start:end].split("\n") == [
        *TOLD,
        "It leaks | Seal worn, or not | Fit a new one",
        "| set as it should be set |",
        *TOLD[2:],
    ]
    assert (len(rows), has_head) == (7, True)


def test_rows_of_which_every_second_is_filled_are_told_by_that() -> None:
    shown, tops = placed([HEAD, *ROWS])
    filled = "\n".join(
        f"0.9 g {LEFT} {A4[1] - bottom} {RIGHT - LEFT} {bottom - top} re f 0 g"
        for top, bottom in ((tops[1], tops[2]), (tops[3], tops[4]))
    )

    parsed = parse_pdf(page_bytes(shown, drawn=filled))

    assert parsed.text.split("\n") == TOLD
    assert [(len(rows), head) for _, _, rows, head in parsed.tables] == [(4, True)]
