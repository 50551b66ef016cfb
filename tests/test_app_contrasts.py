"""Words of a passage put together wrongly: whose value it is, which side, who did it, and names."""

import pytest

from bifolio.answers.clauses import clauses
from bifolio.answers.guards import findings
from bifolio.answers.opposites import signs

FLAT = (
    "The deposit is 900 euros. The rent of 450 euros is due on the first day of each month; a late "
    "payment costs 40 euros. The landlord repairs the heating, and the tenant repairs broken "
    "windows. At least two places are reserved for visitors. Some of the cellars have a window. "
    "The contract ends in May unless it is renewed. Keys are returned after the last payment. "
    "The trial enrolled 120 patients in Lyon and 80 in Geneva. Prices rose in Japan but fell in "
    "Italy. Members may bring a guest, but not a dog. Workers are paid weekly. Brazil sold more "
    "than Peru. The office is closed on Mondays. The fund was founded by Otto Lind."
)
WARD = (
    "儿科在二楼，内科在三楼。成人挂号费为25元，儿童挂号费为15元。检查前六小时不能进食，但可以喝水。"
    "2022年门诊量增加了8%，住院人数减少了3%。所有学生都要参加体检，部分学生需要复查。"
    "图书馆由校友捐建，体育馆由市政府出资。押金最多3000元。十二岁以下儿童禁止探视。"
    "任何一方不得转让合同，除非另一方书面同意。合同自2023年4月1日起生效，至2025年3月31日终止。"
    "李医生每周二出诊，王医生每周四出诊。工厂在合肥。周一、三开门。"
)


def codes(claim: str, passage: str) -> list[str]:
    return [finding.code for finding in findings(claim, passage)]


@pytest.mark.parametrize(
    ("claim", "code"),
    [
        ("The deposit is 450 euros.", "number"),
        ("A late payment costs 450 euros.", "number"),
        ("The trial enrolled 80 patients in Lyon.", "number"),
        ("The landlord repairs broken windows.", "parties"),
        ("At most two places are reserved for visitors.", "opposite"),
        ("All cellars have a window.", "opposite"),
        ("The contract ends in May even if it is renewed.", "opposite"),
        ("Keys are returned before the last payment.", "opposite"),
        ("Prices fell in Japan.", "opposite"),
        ("Members may bring a dog.", "negation"),
        ("Members must bring a guest.", "opposite"),
        ("Workers are paid monthly.", "opposite"),
        ("Brazil sold less than Peru.", "opposite"),
        ("The office is open on Mondays.", "opposite"),
        ("The landlord, Mr. Hollis, repairs the heating.", "name"),
        ("The fund was founded by Otto Berg.", "name"),
        ("The fund was founded in Zurich by Otto Lind.", "name"),
    ],
)
def test_words_put_together_wrongly_are_found(claim: str, code: str) -> None:
    assert codes(claim, FLAT) == [code]


@pytest.mark.parametrize(
    ("claim", "code"),
    [
        ("儿科在三楼。", "number"),
        ("成人挂号费为15元。", "number"),
        ("李医生每周四出诊。", "date"),
        ("合同自2025年3月31日起生效。", "date"),
        ("检查后六小时不能进食。", "opposite"),
        ("检查前六小时不能喝水。", "parties"),
        ("住院人数增加了3%。", "opposite"),
        ("部分学生要参加体检。", "opposite"),
        ("图书馆由市政府出资。", "parties"),
        ("押金至少3000元。", "opposite"),
        ("十二岁以上儿童禁止探视。", "opposite"),
        ("十二岁以下儿童可以探视。", "opposite"),
        ("任何一方都可以转让合同。", "opposite"),
        ("工厂在南京。", "name"),
    ],
)
def test_chinese_words_put_together_wrongly_are_found(claim: str, code: str) -> None:
    assert codes(claim, WARD) == [code]


@pytest.mark.parametrize(
    "claim",
    [
        "The monthly rent is 450 euros.",
        "Paying late costs 40 euros.",
        "In Geneva 80 patients took part.",
        "Broken windows are repaired by the tenant.",
        "Two or more places are for visitors.",
        "Not all cellars have a window.",
        "The contract ends in May unless somebody renews it.",
        "The last payment comes before the keys are returned.",
        "In Italy prices dropped.",
        "Peru sold less than Brazil.",
        "The office does not open on Mondays.",
        "Lind was the founder of the fund.",
    ],
)
def test_the_same_said_otherwise_raises_no_alarm(claim: str) -> None:
    assert codes(claim, FLAT) == []


@pytest.mark.parametrize(
    "claim",
    [
        "看内科要去三楼。",
        "儿童挂号费15元，成人25元。",
        "检查前六小时禁食，可以喝水。",
        "住院人数下降了3%。",
        "每个学生都要体检。",
        "市政府出资建了体育馆。",
        "押金不超过3000元。",
        "经另一方书面同意，可以转让合同。",
        "合同期为2023年4月1日至2025年3月31日。",
        "周一和周三开门。",
    ],
)
def test_the_same_said_otherwise_in_chinese_raises_no_alarm(claim: str) -> None:
    assert codes(claim, WARD) == []


LEAVE = (
    "员工每年享有 22 天带薪年假，满五年工龄后增加到 25 天，满十二年后增加到 28 天。",
    "Employees have 22 days of paid leave a year, rising to 25 days after five years and to 28"
    " days after twelve. Crew take their leave in winter.",
)


@pytest.mark.parametrize(
    ("claim", "passage"),
    [
        ("你干了六年，一年能休25天年假。", LEAVE[0]),
        ("满五年的员工每年可休 25 天年假。", LEAVE[0]),
        ("After five years you have 25 days of paid leave a year.", LEAVE[1]),
        ("Employees have 28 days of leave in the end.", LEAVE[1]),
    ],
)
def test_what_a_value_becomes_belongs_to_the_words_of_the_clause_before(
    claim: str, passage: str
) -> None:
    assert codes(claim, f"{passage} 六年") == []


def test_a_clause_without_a_subject_is_read_with_that_of_the_clause_before() -> None:
    first, second = clauses("The trial enrolled 120 patients in Lyon and 80 in Geneva.")
    assert ("lyon" in first.words, "lyon" in second.words | second.more) == (True, False)
    assert {"trial", "patient"} <= second.more


def test_what_excludes_each_other_does_so_across_the_languages() -> None:
    (rose,), (fell,) = signs("Prices rose."), signs("价格下跌。")
    assert rose.excludes(fell)
    assert not rose.excludes(signs("价格上涨。")[0])
    assert not signs("Some wait.")[0].excludes(signs("大多数在等。")[0])
