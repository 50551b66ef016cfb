"""A claim about a row of a table: numbers of other rows and columns are found, its own are not."""

import pytest
from conftest import OverlapReranker, WordEmbedder

from bifolio import Passage
from bifolio.answers.claims import Statement, check_claim
from bifolio.answers.names import strange_name
from bifolio.answers.rows import from_other_row, is_row
from bifolio.ingest import Chunk, Document, Page, Table
from bifolio.ingest.plain import parse_markdown
from bifolio.models import Models

GOODS = """Petrol is rare.

| Goods | Class | Limit | Passengers allowed | Form |
|---|---|---|---|---|
| Petrol in tank vehicles | 3 | 1 vehicle | 25 | DG-7 |
| Heating oil | 3 | 36,000 litres | 120 | DG-8 |
| Propane in cylinders | 2.1 | 900 kg | 120 | DG-9 |
| Oxygen, medical | 2.2 | 400 kg | 540 | none |

Notice of 700 kg or more is given a day before.
"""
FARES = (
    "| 票种 | 成人 | 儿童 |\n|---|---|---|\n"
    "| 单程票 | 20 元 | 10 元 |\n| 往返票 | 36 元 | 18 元 |\n"
)
TIMES = (
    "| Ferry | Leaves | Arrives |\n|---|---|---|\n"
    "| Dawn Gull | 08:05 | 09:40 |\n| Grey Heron | 10:15 | 12:00 |\n"
)
BOATS = (
    "| Feature | Grey Heron | Morning Tern |\n|---|---|---|\n"
    "| Length | 62 m | 48 m |\n| Passengers | 540 | 220 |\n"
)
DAYS = "| Delay | Refund |\n|---|---|\n| 3 to 14 days | 40 % |\n| more than 14 days | 75 % |\n"
NOTICE = (
    "| Notice | Standard | Saver |\n|---|---|---|\n| more than 14 days | 100 % | 50 % |\n"
    "| 3 to 14 days | 75 % | none |\n| 24 hours to 3 days | 40 % | none |\n"
)
AGES = "| 年龄（岁） | 票价 |\n|---|---|\n| 4–11 | 9 克朗 |\n| 12以上 | 18 克朗 |\n"
DOCKS = (
    "| Vessel | Dry dock | Class renewal |\n|---|---|---|\n"
    "| Grey Heron | February 2026 | May 2029 |\n| Morning Tern | November 2024 | March 2028 |\n"
)
COLD = (
    "| Water | Exhaustion | Search |\n|---|---|---|\n"
    "| 5 to 10 °C | 60 minutes | 10 hours |\n| 10 to 15 °C | 4 hours | 20 hours |\n"
)
YEARS = "| Year | Figs |\n|---|---|\n| 2021 | 88 |\n| 2022 | 120 |\n"


def passage(markdown: str) -> Passage:
    parsed = parse_markdown(markdown.encode())
    tables = tuple(
        Table(start, end, tuple((first, last) for first, last in rows), has_head)
        for start, end, rows, has_head in parsed.tables
    )
    page = Page(1, 0, len(parsed.text))
    document = Document("a.md", "a", "", parsed.text, (page,), tables=tables)
    return Passage((Chunk(document, 0, len(document.text)),), 1.0)


@pytest.mark.parametrize(
    ("table", "claim", "claimed", "stated"),
    [
        (GOODS, "Up to 900 kg of medical oxygen may be carried.", "900 kg", "400 kg"),
        (GOODS, "With petrol tank vehicles 120 passengers are allowed.", "120", "25"),
        (GOODS, "Heating oil: 25 passengers.", "25", "120"),
        (GOODS, "Heating oil is declared on form DG-9.", "DG-9", "DG-8"),
        (FARES, "成人单程票为36元。", "36元", "20 元"),
        (FARES, "成人单程票为10元。", "10元", "20 元"),
        (FARES, "儿童往返票36元。", "36元", "18 元"),
        (TIMES, "Dawn Gull leaves at 10:15.", "10:15", "08:05"),
        (TIMES, "Dawn Gull leaves at 9:40.", "9:40", "08:05"),
        (BOATS, "The length of Grey Heron is 48 m.", "48 m", "62 m"),
        (DAYS, "For a delay of 3 to 14 days the refund is 75 %.", "75 %", "40 %"),
        (YEARS, "In 2022 there were 88 figs.", "88", "120"),
        (
            DOCKS,
            "Grey Heron goes into dry dock in November 2024.",
            "November 2024",
            "February 2026",
        ),
        (DOCKS, "The class renewal of Grey Heron is in 2026年2月.", "2026年2月", "May 2029"),
        (COLD, "At 5 to 10 °C exhaustion comes after 4 hours.", "4 hours", "60 minutes"),
        (NOTICE, "Five days before, 100% of a standard ticket is returned.", "100%", "75 %"),
        (NOTICE, "提前两周取消标准票退40%。", "40%", "75 %"),
        (AGES, "九岁的孩子票价为18克朗。", "18克朗", "9 克朗"),
    ],
)
def test_a_number_of_another_row_or_column_is_found(
    table: str, claim: str, claimed: str, stated: str
) -> None:
    (finding,) = from_other_row(claim, [passage(table)])
    assert (finding.claimed, finding.stated) == (claimed, stated)


@pytest.mark.parametrize(
    ("table", "claim"),
    [
        (GOODS, "Up to 400 kg of medical oxygen may be carried."),
        (GOODS, "Heating oil may be carried up to 36,000 litres, propane up to 900 kg."),
        (GOODS, "Heating oil is in the same class as petrol, 3."),
        # Said in the text beside the table.
        (GOODS, "Notice of 700 kg or more of propane is given a day before."),
        # No row is named.
        (GOODS, "Of one of them 900 kg may be carried."),
        (FARES, "儿童往返票18元，成人往返票36元。"),
        (TIMES, "Dawn Gull leaves at 8:05 and arrives at 9:40."),
        (BOATS, "Grey Heron carries 540 passengers, Morning Tern 220."),
        (DAYS, "For a delay of 3 to 14 days the refund is 40 %."),
        (YEARS, "There were 88 figs in 2021 and 120 in 2022."),
        (NOTICE, "Five days before, 75% of a standard ticket is returned."),
        (DOCKS, "Grey Heron goes into dry dock in February 2026, Morning Tern in November 2024."),
        (DOCKS, "The dry dock of Grey Heron is in 2026."),
        (COLD, "At 5 to 10 °C exhaustion comes after 60 minutes, at 10 to 15 °C after 4 hours."),
        (NOTICE, "For more than 14 days 100% is returned."),
        # Three days are in two rows.
        (NOTICE, "Three days before, 40% is returned."),
        (AGES, "九岁的孩子票价为9克朗。"),
    ],
)
def test_what_the_table_says_is_not(table: str, claim: str) -> None:
    assert from_other_row(claim, [passage(table)]) == ()


def test_what_the_question_or_another_table_says_may_be_said_again() -> None:
    claim = "Up to 900 kg of medical oxygen may be carried."

    assert from_other_row(claim, [passage(GOODS)], context="May I carry 900 kg?") == ()
    other = passage("| Month | Oxygen |\n|---|---|\n| May | 900 kg |\n| June | 800 kg |\n")
    assert from_other_row(claim, [passage(GOODS), other]) == ()


def test_a_quantity_of_the_question_names_the_row_of_a_claim_that_has_none() -> None:
    table = [passage(NOTICE)]
    question = "I cancel 20 hours before I travel. How much comes back?"

    (finding,) = from_other_row("40% of the fare.", table, question="Two days before?") or (None,)
    assert finding is None
    (finding,) = from_other_row("75% of the fare.", table, question="Two days before?")
    assert (finding.claimed, finding.stated) == ("75%", "40 %")
    # It is in no row.
    assert from_other_row("75% of the fare.", table, question=question) == ()
    assert from_other_row("For 3 to 14 days 75%.", table, question="Two days before?") == ()


def test_a_sentence_made_of_a_row_is_supported_and_one_of_another_row_is_not() -> None:
    judge = Models(WordEmbedder(), OverlapReranker()).judge

    def checked(text: str) -> tuple[bool, str]:
        said = Statement(text, 0, len(text), (1,))
        claim = check_claim(said, [passage(GOODS)], judge=judge, threshold=2.0)
        return claim.supported, claim.reason

    assert checked("For Heating oil, the limit is 36,000 litres.") == (True, "stated")
    assert checked("For Heating oil, the limit is 900 kg.") == (False, "contradicted")
    assert not is_row("Heating oil has no limit of 36,000 litres.", [passage(GOODS)])


@pytest.mark.parametrize("opener", ["For", "Both", "Unlike", "Since", "Aboard"])
def test_what_a_sentence_begins_with_in_front_of_a_name_is_no_name(opener: str) -> None:
    known = "Grey Heron and Dawn Gull sail daily."

    assert strange_name(f"{opener} Grey Heron sails daily.", known) == ""
    assert strange_name("Brown Heron sails daily.", known) == "Brown"
