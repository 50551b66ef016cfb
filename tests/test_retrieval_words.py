"""Words in one form, dates and codes as one word, and which codes of a question are missing."""

import sqlite3

import pytest

from bifolio.ingest.simplified import simplified
from bifolio.retrieval import is_chinese, missing_codes
from bifolio.retrieval.codes import names_row
from bifolio.retrieval.lexicon import shared
from bifolio.retrieval.store.lexical import body, query
from bifolio.retrieval.words import words


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("圖書館閉館後", "图书馆闭馆后"),
        ("ＡＢＣ１２３　ｶﾞ", "abc123 ガ"),
        ("Café NAÏVE Straße", "cafe naive STRASSE"),
        ("cafe\u0301", "café"),
        ("ﬁre ①", "fire 1"),
        ("1,234.5", "1234.5"),
        ("1,234,567", "1234567"),
        ("AB–1234／5", "ab-1234/5"),
        ("图书\n馆", "图书馆"),
    ],
)
def test_what_is_written_otherwise_has_the_same_words(one: str, other: str) -> None:
    assert words(one) == words(other)


@pytest.mark.parametrize(
    "date",
    [
        "3 March 2024",
        "March 3rd, 2024",
        "3rd of Mar. 2024",
        "2024-03-03",
        "2024/3/3",
        "3/3/2024",
        "3.3.2024",
        "2024年3月3日",
        "２０２４年３月３日",
        "二〇二四年三月三日",
    ],
)
def test_a_day_is_the_same_word_however_it_is_written(date: str) -> None:
    (day,) = {word for word in words("2024-03-03") if word.count("\ue000") == 2 and word[0] == "2"}

    assert day in words(f"on {date}, at noon")
    assert day not in words(f"on {date[:-1]}9, at noon")


def test_a_date_by_slashes_is_read_either_way_round() -> None:
    assert set(words("25/3/2024")) & set(words("3/25/2024")) >= set(words("2024-03-25")[3:])


@pytest.mark.parametrize("date", ["March 3", "3rd of March", "3月3日", "三月三日", "2023-03-03"])
def test_a_day_without_its_year_meets_the_day_with_it(date: str) -> None:
    assert any(word.startswith("\ue000") for word in set(words(date)) & set(words("2024-03-03")))


def test_a_month_meets_its_days() -> None:
    assert set(words("2024年3月")) & set(words("3 March 2024")) > {"2024", "3"}


def test_what_is_no_date_stays_what_it_is() -> None:
    assert words("2024-13-45") == ["2024", "13", "45"]


def test_a_code_is_one_word_besides_its_parts() -> None:
    assert words("AB-1234/5") == ["ab", "1234", "5", "ab\ue0001234\ue0005"]


def test_a_code_finds_itself_before_its_neighbours() -> None:
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE VIRTUAL TABLE w USING fts5 (body, tokenize = 'porter unicode61')")
    for code in ("AB-1234/6", "AB-12345", "AC-1234/5", "AB-1234/5", "AB-1235/4"):
        connection.execute("INSERT INTO w VALUES (?)", (body(f"Part {code} weighs 5 kg"),))
    found = connection.execute(
        "SELECT rowid FROM w WHERE w MATCH ? ORDER BY bm25(w)", (query(words("AB-1234/5")),)
    ).fetchall()

    assert found[0] == (4,)
    assert shared("AB-1234/5", "AB-1234/5") == 1 > shared("AB-1234/5", "AB-1234/6")


def test_simplified_changes_no_length() -> None:
    text = "圖書館 library 後來發展"

    assert simplified(text) == "图书馆 library 后来发展"


@pytest.mark.parametrize(
    ("question", "missing"),
    [
        ("What is the torque of part ZZ-9999-A?", ("ZZ-9999-A",)),
        ("型号ZZ-9999-A的扭矩是多少？", ("ZZ-9999-A",)),
        ("Compare AX-4456-D and AX-4456-E", ("AX-4456-E",)),
        ("How heavy is ax–4456–d?", ()),
        ("AX-445?", ("AX-445",)),
        ("Is AB1234/5 there, or AB-12345?", ("AB-12345",)),
        ("the family AX-4456", ()),
        ("Call 555-0199 or 555-0172", ("555-0199",)),
        ("On 2024-03-03, 5pm, the 2nd, in 2020-2024, 24-hour, 3.5 kg or 1,200", ()),
        ("Where is the ferry?", ()),
    ],
)
def test_codes_that_are_not_there_are_told(question: str, missing: tuple[str, ...]) -> None:
    text = "Part AX-4456-D: 66 Nm. Part AB 1234/5. Call 555-0172."

    assert missing_codes(question, text) == missing


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("Where is the sauna of the hotel 海景酒店?", False),
        ("What is the number of Mr. 王?", False),
        ("hotel 海景酒店 sauna floor", False),
        ("WiFi密码是多少", True),
        ("iPhone 15 Pro Max 价格", True),
        ("ChatGPT 怎么用 API key", True),
        ("票", True),
        ("ferry", False),
        ("", False),
    ],
)
def test_a_question_is_chinese_by_more_than_a_name_in_it(question: str, expected: bool) -> None:
    assert is_chinese(question) is expected


WOODS = "| Wood | Weight kg |\n|---|---|\n| Elm 46 | 76 |\n24 December | all |\n甲板 5 | 40 |"


@pytest.mark.parametrize(
    ("question", "is_named"),
    [
        ("How heavy is Elm 46?", True),
        ("how heavy is elm 46, dry", True),
        ("甲板 5 能装多少？", True),
        ("How heavy is Elm 4?", False),
        ("How heavy is Elm 46.5?", False),
        ("How heavy is Elm 467?", False),
        ("How heavy is Helm 46?", False),
        ("How heavy is elm?", False),
        ("When is the last boat on 24 December?", False),
    ],
)
def test_a_question_names_a_row_by_its_whole_first_cell(question: str, is_named: bool) -> None:
    assert names_row(question, WOODS) is is_named
