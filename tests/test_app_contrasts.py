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


# A passage, sentences that say the same otherwise, sentences that do not.
WRITTEN = [
    (
        "Only members may borrow laptops. A laptop may be kept for at most three weeks.",
        (
            "Laptops may be borrowed by members only.",
            "Non-members may not borrow laptops.",
            "All members may borrow laptops.",
            "A laptop must not be kept for more than three weeks.",
        ),
        (
            "Anyone may borrow laptops.",
            "All visitors may borrow laptops.",
            "Non-members may borrow laptops.",
            "Members may borrow only laptops.",
            "A laptop must be kept for at least three weeks.",
        ),
    ),
    (
        "只有会员可以借用电脑。载重不得超过五吨。人为损坏的，不予保修，其他损坏除外。",
        ("会员可以借用电脑。", "最多载重五吨。", "载重不能高于五吨。"),
        ("所有人都可以借用电脑。", "非会员可以借用电脑。", "载重不得少于五吨。"),
    ),
    (
        "The landlord returns the deposit within 30 days after the lease ends, unless the flat is "
        "damaged. The warranty runs from delivery. It does not cover wear.",
        (
            "The landlord does not return the deposit if the flat is damaged.",
            "Once the lease ends, the landlord returns the deposit within 30 days.",
            "After delivery the warranty runs.",
            "Wear is not covered by the warranty.",
        ),
        (
            "The landlord returns the deposit even if the flat is damaged.",
            "The landlord never returns the deposit.",
            "The landlord returns the deposit within 30 days before the lease ends.",
            "The warranty runs before delivery.",
            "The warranty covers wear.",
        ),
    ),
    (
        "租约结束后三十日内，房东退还押金，房屋损坏的除外。开封后6小时内使用，未用完的应当销毁。",
        ("租约结束之后，押金在三十日内退还。", "开封后六小时内用完。", "没用完的要销毁。"),
        ("租约结束前三十日内房东退还押金。", "房屋损坏的，房东也应退还押金。"),
    ),
    (
        "Grey Heron joined the fleet in March 2019 and became its flagship on 12 May 2021, "
        "succeeding Morning Gull. It employs twelve engineers, thirty technicians.",
        (
            "Grey Heron has been its flagship since May 2021.",
            "Morning Gull was flagship before Grey Heron.",
            "In 2019 Grey Heron joined the fleet.",
            "The fleet has 12 engineers and 30 technicians.",
        ),
        (
            "Grey Heron became its flagship in March 2019.",
            "Grey Heron became its flagship in 2019.",
            "Morning Gull succeeded Grey Heron as flagship.",
        ),
    ),
    (
        "张某于2019年3月加入研究所，2021年5月12日接替李某出任所长。共有工程师十二名、技术员三十二名。",
        ("张某于2021年出任所长。", "有12名工程师和32名技术员。", "2019年，张某加入研究所。"),
        ("张某于2019年3月出任所长。", "王某于2021年5月12日出任所长。", "共有工程师三十二名。"),
    ),
    (
        "The pool is open Monday to Friday from 7:00 to 21:00 and on weekends until 18:00. "
        "Children need not pay. Photography without flash is permitted, tripods are not.",
        (
            "The pool closes at 6 p.m. on Saturdays.",
            "On weekends the pool is open until 18:00.",
            "Children do not have to pay.",
            "Photography with flash is not permitted.",
            "Tripods are not permitted.",
        ),
        (
            "On weekends the pool is open until 21:00.",
            "Children must pay.",
            "Photography with flash is permitted.",
            "Tripods are permitted.",
        ),
    ),
    (
        "图书馆周二至周日开放，周一闭馆。儿童须由成人陪同，无须另行购票。须书面通知。持B类驾照。",
        ("图书馆星期一不开放。", "周一图书馆关门。", "儿童不必另行购票。", "须持有B类驾照。"),
        ("图书馆周一开放。", "儿童无须成人陪同。", "须口头通知。", "须持有C类驾照。"),
    ),
    (
        "Farmers replaced maize with sorghum, which needs less water than maize. Keep it at 2 to 8 "
        "°C. Residents park in Zone B; visitors must use the garage. Requests go to the team "
        "leader, who answers within five working days. The fleet's flagship Quickfin left.",
        (
            "Maize was replaced by sorghum.",
            "Keep it at 2 to 8 degrees Celsius.",
            "Visitors have to park in the garage.",
            "The team leader replies to requests within five days.",
            "Quickfin, the flagship of the fleet, left.",
        ),
        (
            "Farmers replaced sorghum with maize.",
            "Keep it at 2 to 8 degrees Fahrenheit.",
            "Residents park in Zone C.",
            "The team leader answers within five weeks.",
        ),
    ),
    (
        "Loans can be renewed if nobody has reserved the item. Passengers show their ticket to the "
        "steward before boarding. Rainfall fell by 18 percent between 1990 and 2020.",
        (
            "A loan cannot be renewed if somebody has reserved the item.",
            "The steward sees the tickets before boarding.",
            "Rainfall dropped 18% from 1990 to 2020.",
        ),
        (
            "A loan cannot be renewed if nobody has reserved the item.",
            "The steward shows the ticket to passengers before boarding.",
            "Rainfall rose by 18 percent between 1990 and 2020.",
        ),
    ),
    (
        "Fish is frozen at -20 °C, and ice cream kept at −18 to −12 °C. 冷库的温度为零下五摄氏度。",
        (
            "Fish is frozen at minus 20 degrees Celsius.",
            "Ice cream is kept at -18 to -12 °C.",
            "冷库的温度为-5℃。",
        ),
        ("Fish is frozen at 20 °C.", "冷库的温度为五摄氏度。"),
    ),
    (
        "水泵停止之前切勿打开阀门。检修时必须戴手套，但不必戴面罩。报名须在开课前两周完成。",
        ("水泵停了以后才能打开阀门。", "检修时不需要戴面罩。", "开课前两周要完成报名。"),
        ("水泵停止之前可以打开阀门。", "检修时必须戴面罩。", "检修时不必戴手套。"),
    ),
    (
        "2015年，公司以3.2亿元收购了北川电子。押金为两个月租金，用作担保。总部设在青岛。",
        ("北川电子2015年被公司收购。", "两个月租金是押金。", "公司总部在青岛。"),
        ("公司被北川电子收购。", "公司于1998年以3.2亿元收购了北川电子。", "总部设在大连。"),
    ),
]


@pytest.mark.parametrize(
    ("claim", "passage"), [(one, passage) for passage, same, _ in WRITTEN for one in same]
)
def test_what_a_passage_says_in_other_words_is_not_marked(claim: str, passage: str) -> None:
    assert codes(claim, passage) == []


@pytest.mark.parametrize(
    ("claim", "passage"), [(one, passage) for passage, _, other in WRITTEN for one in other]
)
def test_what_a_passage_does_not_say_is_marked(claim: str, passage: str) -> None:
    assert codes(claim, passage)
