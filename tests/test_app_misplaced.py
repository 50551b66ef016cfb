"""Words that all stand in a passage, put together wrongly: cases, groups, kinds, times, agents."""

import pytest

from bifolio.answers.guards import findings
from bifolio.answers.quantities import quantities

KILN = (
    "The kiln (40 plates) replaced an oven (25 plates). Output rose from 300 plates in 2019 to 480 "
    "plates in 2022, and broken plates fell from 14.5 to 9.2 percent. The kiln was paid for by the "
    "town; the guild owns the tools. Glaze dries in 30 minutes; in the cellar, in 90. "
    "A red lamp means that the water tank is empty. Rinse brushes with cold water, but not with "
    "soap. Plates are checked in weeks 2 and 6. Lost moulds cost twice their price. Firing may be "
    "started only by trained members. Guests get a refund if the firing fails. Members may use the "
    "wheel without booking. The lease covers the wheel but not the tools. Cracks were the most "
    "frequent fault of the oven and were seen in 31 plates."
)
HOSTEL = (
    "旅舍由市青年中心管理，志愿者协会负责安排床位。每天7:00开门，22:30关门。床位费每晚80元，双人间每晚210元，"
    "须在入住日前付清；逾期每天加收5元滞纳金，最多不超过50元。洗衣机只能在白天使用。除春节外，团体须提前两周预订。"
    "污渍造成的费用不予退还，除非已投保。会议室容纳60人，价格是小房间的三倍。热水器在20分钟后自动关闭；节能模式下为8分钟。"
    "旅舍包括厨房，但不提供餐具。作者感谢了译者。"
)


@pytest.mark.parametrize(
    "claim",
    [
        "The oven held 40 plates.",
        "Output was 300 plates in 2022.",
        "Output fell from 480 plates in 2019 to 300 plates in 2022.",
        "Broken plates rose from 9.2 to 14.5 percent.",
        "The guild paid for the kiln.",
        "In the cellar glaze dries in 30 minutes.",
        "A red lamp means that the water tank is full.",
        "Rinse brushes with hot water.",
        "Rinse brushes with soap.",
        "Plates are checked in weeks 2 and 8.",
        "Lost moulds cost their price.",
        "Lost moulds cost three times their price.",
        "Firing may be started by anyone.",
        "All guests get a refund.",
        "Members must use the wheel.",
        "The lease does not cover the wheel.",
        "Cracks were the most frequent fault of the kiln.",
    ],
)
def test_what_is_put_together_wrongly_is_found(claim: str) -> None:
    assert findings(claim, KILN)


@pytest.mark.parametrize(
    "claim",
    [
        "The kiln holds 40 plates.",
        "Output was 480 plates in 2022.",
        "Output rose to 480 plates in 2022 from 300 plates in 2019.",
        "The town paid for the kiln.",
        "In the cellar glaze dries in 90 minutes.",
        "Glaze dries in half an hour.",
        "Brushes are rinsed with cold water.",
        "In week 6 the plates are checked.",
        "Only trained members may start the firing.",
        "A mould that is lost costs twice its price.",
        "The kiln holds more plates than the oven.",
        "The tools are not covered by the lease.",
        "The number of plates rose by 180 between 2019 and 2022.",
        "Output in 2022 was 1.6 times the output of 2019.",
    ],
)
def test_what_is_put_together_rightly_is_not_marked(claim: str) -> None:
    assert findings(claim, KILN) == ()


@pytest.mark.parametrize(
    "claim",
    [
        "双人间每晚80元。",
        "床位费须在入住日后付清。",
        "洗衣机不能在白天使用。",
        "春节团体须提前两周预订。",
        "污渍造成的费用都予退还。",
        "节能模式下热水器20分钟后自动关闭。",
        "旅舍不包括厨房。",
        "译者感谢了作者。",
        "会议室的价格是小房间的两倍。",
    ],
)
def test_what_is_put_together_wrongly_is_found_in_chinese(claim: str) -> None:
    assert findings(claim, HOSTEL)


@pytest.mark.parametrize(
    "claim",
    [
        "床位费每晚80元。",
        "滞纳金最多为50元。",
        "团体须提前14天预订，春节除外。",
        "节能模式下热水器8分钟后关闭。",
        "旅舍不提供餐具。",
        "译者受到作者的感谢。",
        "小房间容纳20人。",
    ],
)
def test_what_is_put_together_rightly_is_not_marked_in_chinese(claim: str) -> None:
    assert findings(claim, HOSTEL) == ()


@pytest.mark.parametrize(
    ("text", "value", "measure"),
    [
        ("a year and a half", 18, "month"),
        ("half an hour", 1800, "time"),
        ("two and a half hours", 9000, "time"),
        ("三年半", 42, "month"),
        ("一个半小时", 5400, "time"),
        ("three times as large", 3, "fold"),
        ("twice its price", 2, "fold"),
        ("三倍", 3, "fold"),
        ("twice a week", 2, ""),
        ("three times a week", 3, ""),
    ],
)
def test_halves_and_folds_are_read(text: str, value: float, measure: str) -> None:
    assert [(one.base, one.measure) for one in quantities(text)] == [(value, measure)]
