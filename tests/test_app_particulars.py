"""Particulars that a sentence repeats wrongly: rates, spans, agents, conditions, causes."""

import pytest

from bifolio.answers.guards import findings

DAIRY = (
    "The plant processed 48 million litres in 2024, 6 percent more than in the year before. "
    "Deliveries fell because the bridge was closed from May to September. "
    "A load that fails the test is destroyed at the farmer's cost. "
    "Farmers are paid on the fifteenth of each month and receive a bonus of 2 cents per litre. "
    "The second line was rebuilt in spring and fills twice as many bottles as the first one. "
    "It needs four operators per shift. "
    "Only the store manager and the night guard have keys. "
    "Visitors may enter the hall if they wear protective clothing."
)
LIBRARY = (
    "2024年接待读者86万人次，比上年增长12%。由于地铁停运，六月至八月的读者人数有所下降。"
    "新馆于春季动工，预计2026年竣工。工程由市建设集团承建，费用由市财政承担。"
    "老人可享受免费送书上门服务。只有馆长和档案管理员可以进入古籍库。每月十五日发放工资。"
)


@pytest.mark.parametrize(
    ("claim", "code"),
    [
        ("Farmers are paid on the fifth of each month.", "number"),
        ("Farmers are paid every two weeks.", "unit"),
        ("The bonus is 2 euros per litre.", "number"),
        ("It needs four operators per day.", "unit"),
        ("The bridge was closed from September to May.", "date"),
        ("A load that fails the test is destroyed at the plant's cost.", "opposite"),
        ("The second line was rebuilt in autumn.", "opposite"),
        ("Only the store manager has keys.", "opposite"),
        ("The night guard does not have keys.", "opposite"),
        ("Visitors may enter the hall without protective clothing.", "negation"),
        ("The bridge was closed because deliveries fell.", "parties"),
        ("It processed more than in 2022.", "number"),
    ],
)
def test_a_particular_that_the_passage_has_otherwise_is_found(claim: str, code: str) -> None:
    assert [found.code for found in findings(claim, DAIRY)][:1] == [code]


@pytest.mark.parametrize(
    "claim",
    [
        "Compared with 2023 the plant processed 6 percent more.",
        "Farmers get their money on the 15th of the month.",
        "The bonus is 0.02 euros for each litre.",
        "A shift needs four operators.",
        "From May to September the bridge was closed.",
        "The farmer pays for a load that fails the test and is destroyed.",
        "The second line was rebuilt in the spring of the year.",
        "Keys are held by the night guard and the store manager only.",
        "Nobody but the store manager and the night guard has keys.",
        "Visitors may not enter the hall without protective clothing.",
        "Because the bridge was closed, deliveries fell.",
    ],
)
def test_what_says_the_same_of_a_particular_is_not_marked(claim: str) -> None:
    assert findings(claim, DAIRY) == ()


@pytest.mark.parametrize(
    "claim",
    [
        "读者人数比上年下降12%。",
        "因为读者人数下降，地铁停运。",
        "八月至六月的读者人数有所下降。",
        "新馆于秋季动工。",
        "新馆预计2025年竣工。",
        "费用由市建设集团承担。",
        "工程由市财政承建。",
        "送书上门服务是收费的。",
        "只有馆长可以进入古籍库。",
        "档案管理员不能进入古籍库。",
        "任何读者都可以进入古籍库。",
    ],
)
def test_a_particular_is_found_in_chinese(claim: str) -> None:
    assert findings(claim, LIBRARY)


@pytest.mark.parametrize(
    "claim",
    [
        "与2023年相比，读者增长了12%。",
        "六月至八月读者减少，是因为地铁停运。",
        "新馆在春天动工。",
        "市财政承担工程费用。",
        "建设工程由市建设集团承建。",
        "为老人送书上门不收费。",
        "只有档案管理员和馆长可以进入古籍库。",
        "每月15日发工资。",
    ],
)
def test_what_says_the_same_in_chinese_is_not_marked(claim: str) -> None:
    assert findings(claim, LIBRARY) == ()


HALLS = (
    "In 2023 the halls were booked for 5,200 hours, in 2024 for 5,900. Income rose from 131,000 to "
    "152,000 euros. Heating costs fell although the winter was colder, because the roof had been "
    "insulated. Street shoes are forbidden except during exhibitions. The oldest hall will be "
    "pulled down. Keys are never handed to minors. The large hall holds 600 spectators, the small "
    "one 150."
)


@pytest.mark.parametrize(
    "claim",
    [
        "The halls were booked for 5,900 hours in 2023.",
        "Income rose to 131,000 euros.",
        "Heating costs fell because the winter was colder.",
        "Street shoes are always forbidden.",
        "The newest hall will be pulled down.",
        "Keys are sometimes handed to minors.",
    ],
)
def test_what_stands_beside_is_not_taken_for_what_is_meant(claim: str) -> None:
    assert findings(claim, HALLS)


@pytest.mark.parametrize(
    "claim",
    [
        "The halls were booked for 5,900 hours in 2024.",
        "Income rose by 21,000 euros.",
        "Income rose to 152,000 euros.",
        "In 2024 the halls were booked 700 hours more than in 2023.",
        "Heating costs fell because the roof had been insulated.",
        "Street shoes are forbidden, but not during exhibitions.",
        "The large hall holds four times as many spectators as the small one.",
    ],
)
def test_what_follows_from_the_passage_is_not_marked(claim: str) -> None:
    assert findings(claim, HALLS) == ()
