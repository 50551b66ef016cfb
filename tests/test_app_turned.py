"""The parties the other way round, and what needs something else, in and across both languages."""

import pytest

from bifolio.answers.across import otherwise
from bifolio.answers.conditions import stance
from bifolio.answers.guards import findings
from bifolio.answers.quantities import quantities
from bifolio.answers.turned import turned

# What says it, what says it too in other words, what has the parties the other way round.
TURNED = [
    ("The fox chased the wolf.", "The wolf was chased by the fox.", "The wolf chased the fox."),
    ("狐狸追赶了狼。", "狼被狐狸追赶了。", "狼追赶了狐狸。"),
    ("The tenant sells the house to the bank.", "The bank buys it from the tenant.", ""),
    ("Gold is dearer than silver.", "Silver is cheaper than gold.", "Silver is dearer than gold."),
    ("黄金比白银贵。", "白银比黄金便宜。", "白银比黄金贵。"),
    ("The bus is slower than the train.", "火车比公共汽车快。", "公共汽车比火车快。"),
    ("铜的导热性高于钢。", "钢的导热性低于铜。", "钢的导热性高于铜。"),
    ("水从河里流到海里。", "水从河里流入海里。", "水从海里流到河里。"),
    ("The pipe runs from the pump to the tank.", "管道从水泵通到水箱。", "管道从水箱通到水泵。"),
    ("The mayor thanked the teacher.", "市长感谢了老师。", "老师感谢了市长。"),
]


@pytest.mark.parametrize(("stated", "same", "other"), TURNED)
def test_parties_that_changed_places_are_told_from_the_same_in_other_words(
    stated: str, same: str, other: str
) -> None:
    agreed = turned(same, stated)
    assert agreed is None or agreed.agrees
    against = turned(other, stated) if other else None
    assert not other or (against and not against.agrees)


def test_one_partys_work_is_not_the_others() -> None:
    stated = "The tenant repairs the windows, and the landlord repairs the roof."
    against = turned("房东修理窗户。", stated)
    assert against
    assert not against.agrees
    same = turned("房东修理屋顶。", stated)
    assert same is None or same.agrees


@pytest.mark.parametrize(
    ("claim", "stated"),
    [
        ("In autumn farmers rest.", "农民在秋天休息。"),
        ("The number of employees rose.", "员工人数上升。"),
        ("所有环境中将支持这些更改。", "These changes will be available in all environments."),
        ("You can select the methods supported by your bank.", "您可以选择银行支持的付款方式。"),
    ],
)
def test_another_order_of_words_alone_turns_nobody_around(claim: str, stated: str) -> None:
    found = turned(claim, stated)
    assert found is None or found.agrees


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Guests may attend only if a member invites them.", "needs"),
        ("No guest may attend unless a member invites them.", "needs"),
        ("Guests may attend even if nobody invites them.", "free"),
        ("The landlord may not enter without consent.", "needs"),
        ("未经同意，房东不得进入。", "needs"),
        ("房东只有经同意才可以进入。", "needs"),
        ("房东未经同意也可以进入。", "free"),
        ("Never open the drain before the pump has stopped.", "needs"),
        ("The pump stops before the drain opens.", ""),
        ("The fee is ten euros.", ""),
    ],
)
def test_a_sentence_says_whether_something_needs_something_else(text: str, said: str) -> None:
    assert stance(text) == said


@pytest.mark.parametrize(
    ("claim", "stated"),
    [
        ("Guests may come only if a member invites them.", "除非会员邀请，否则客人不得前来。"),
        ("头痛比较常见。", "Headache is not uncommon."),
        ("The files can possibly be recovered.", "恢复文件并非不可能。"),
        ("Open the drain only after the pump has stopped.", "水泵停止之前切勿打开排水口。"),
    ],
)
def test_two_nots_and_two_conditions_agree_across_languages(claim: str, stated: str) -> None:
    assert otherwise(claim, stated, stated) is None


@pytest.mark.parametrize(
    ("claim", "stated", "kind"),
    [
        (
            "Guests may come even if no member invites them.",
            "除非会员邀请，客人不得前来。",
            "opposite",
        ),
        (
            "请在水泵停止之前打开排水口。",
            "Never open the drain before the pump has stopped.",
            "negation",
        ),
        ("Patients cannot vote.", "患者可以投票，但不能停车。", "negation"),
        ("The wolf chased the fox.", "狐狸追赶狼。", "parties"),
        ("患者经常发热。", "Patients rarely have a fever.", "opposite"),
        ("Two thirds of the staff came.", "三分之一的员工来了。", "number"),
    ],
)
def test_what_says_otherwise_across_languages_is_found(claim: str, stated: str, kind: str) -> None:
    found = otherwise(claim, stated, stated)
    assert found
    assert found.kind == kind


@pytest.mark.parametrize(
    ("claim", "stated", "codes"),
    [
        ("Data is shared with others.", "Data is never shared with others.", ["negation"]),
        ("数据会与第三方共享。", "数据绝不会与第三方共享。", ["negation"]),
        ("市长支持该计划。", "市长和市议会都不支持该计划。", ["negation"]),
        ("The council does not support it.", "Neither the mayor nor the council supports it.", []),
        ("A quarter of the boats sank.", "25 % of the boats sank.", []),
        ("百分之五十的船沉没了。", "一半的船沉没了。", []),
        ("Two dozen boats sank.", "A dozen boats sank.", ["number"]),
        ("Guests may not come unless invited.", "Guests may come only if invited.", []),
    ],
)
def test_a_not_in_other_words_and_shares_in_words_are_understood(
    claim: str, stated: str, codes: list[str]
) -> None:
    assert [one.code for one in findings(claim, stated)] == codes


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("two thirds of it", 2 / 3),
        ("a quarter of it", 0.25),
        ("三分之二的船", 2 / 3),
        ("two out of three", 2 / 3),
        ("two dozen", 24),
        ("a third party", 3),
        ("百分之十二", 12),
    ],
)
def test_shares_and_dozens_are_numbers(text: str, value: float) -> None:
    assert [one.value for one in quantities(text)] == [pytest.approx(value)]
