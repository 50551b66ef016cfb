"""A claim about a passage of the other language: numbers, a "not", opposites, names, nearness."""

from dataclasses import replace

import pytest
from conftest import OverlapReranker, WordEmbedder

from bifolio import Passage
from bifolio.answers.across import otherwise
from bifolio.answers.citing import Mark
from bifolio.answers.claims import check, cite
from bifolio.answers.support import counterpart
from bifolio.ingest import Chunk, Document, Page
from bifolio.retrieval import Judge

ENGLISH = (
    "The ferry to Aro carries 1,250 passengers. Dogs may not travel on deck. "
    "The fire alarm of the ferry is tested by Kestrel Marine before each voyage. "
    "Sales rose in the second quarter."
)
CHINESE = (
    "开往阿罗的渡轮可载1250名乘客。狗不得留在甲板上。"
    "渡轮的火灾警报每次开航前由 Kestrel Marine 检查。第二季度销售额上升。"
)


def kind(claim: str, stated: str, known: str = "") -> str:
    found = otherwise(claim, stated, known or stated)
    return found.kind if found else ""


@pytest.mark.parametrize(
    ("claim", "stated", "code"),
    [
        ("渡轮可载1350名乘客。", ENGLISH.split(". ")[0], "number"),
        ("The ferry carries twelve passengers.", "渡轮可载十三名乘客。", "number"),
        ("狗可以留在甲板上。", "Dogs do not stay on deck.", "negation"),
        ("Lorries do not wait on the north side.", "卡车在北侧等候。", "negation"),
        ("第二季度销售额下降。", "Sales rose in the second quarter.", "opposite"),
        ("The alarm is tested after each voyage.", "警报在每次开航之前检查。", "opposite"),
        ("Dogs must stay below.", "狗可以留在下面。", "opposite"),
        ("警报由 Heron Marine 检查。", "The alarm is tested by Kestrel Marine.", "name"),
        ("It is tested by Heron.", "警报由 Kestrel 检查。", "name"),
    ],
)
def test_what_a_sentence_of_the_other_language_says_otherwise_is_found(
    claim: str, stated: str, code: str
) -> None:
    assert kind(claim, stated) == code


@pytest.mark.parametrize(
    ("claim", "stated"),
    [
        ("可载一千二百五十名乘客。", "It carries 1,250 passengers."),
        ("It carries 1,250 passengers.", "可载1250名乘客。"),
        ("The hours must not exceed 24.", "小时数不超过24。"),
        ("Unpaid leave is possible.", "可以休无薪假。"),
        ("Goals aren’t required.", "不需要目标。"),
        ("It is not only cheap.", "它不仅便宜。"),
        ("任何人不得入内。", "Entry is prohibited."),
        ("除非有许可，否则不得入内。", "Nobody may enter without a permit."),
        ("这一点很重要，双方都同意。", "Both sides agree that this matters."),
        ("The chemist, Marie Curie, decides.", "化学家玛丽·居里决定。"),
        ("UNESCO 决定。", "The United Nations Educational, Scientific and Cultural Organization."),
        ("On 5 May the office opens.", "办公室5月5日开门。"),
        ("The office opened two decades ago.", "办公室二十年前开门。"),
    ],
)
def test_a_translation_says_nothing_otherwise(claim: str, stated: str) -> None:
    assert kind(claim, stated) == ""


def test_a_number_that_stands_elsewhere_in_the_passage_is_known() -> None:
    assert kind("It carries 80 lorries.", "可载卡车。", "可载卡车。共80辆。") == ""


def passage(text: str) -> Passage:
    document = Document("a.txt", "a", "", text, (Page(1, 0, len(text)),))
    return Passage((Chunk(document, 0, len(text)),), 1.0)


def leaning() -> Judge:
    """A reranker that knows nothing across languages, beside vectors that do."""
    reranker = OverlapReranker()
    reranker.recipe = replace(reranker.recipe, dense_weight=1.0)
    return Judge(WordEmbedder(), reranker)


def reasons(text: str, cited: str) -> list[str]:
    marks = [Mark(at, at + 3, 1) for at in range(len(text)) if text.startswith("[1]", at)]
    claims = check(text, marks, {1: passage(cited)}, judge=leaning())
    return [claim.reason for claim in claims]


def test_a_translation_is_known_by_its_vector_and_a_changed_one_is_marked() -> None:
    said = "Every ferry takes 1,250 people [1]. A refund is paid [1]. A ferry takes 1,350 [1]."
    assert reasons(said, CHINESE) == ["likely", "unlikely", "contradicted"]
    said = "渡轮可载1250人[1]。退款已付[1]。渡轮可载1350人[1]。"
    assert reasons(said, ENGLISH) == ["likely", "unlikely", "contradicted"]


def test_a_citation_across_languages_stands_on_the_nearest_sentence() -> None:
    cited = passage(ENGLISH)
    (mark,) = [Mark(11, 14, 1)]
    claims = check("火灾警报每次都检查。[1]", [mark], {1: cited}, judge=leaning())
    (citation,) = cite(claims, {1: cited}, judge=leaning())
    assert citation.quote.startswith("The fire alarm")
    assert citation.score == counterpart("火灾警报每次都检查。", cited, judge=leaning()).score


def test_a_strong_reranker_is_believed_across_languages() -> None:
    found = counterpart(
        "Aro 1250", passage(CHINESE), judge=Judge(WordEmbedder(), OverlapReranker())
    )
    assert found.score == 0.5


def test_of_two_texts_as_near_the_one_with_the_words_says_it() -> None:
    said = "The ferry carries passengers and lorries."
    near, far = (
        counterpart(said, passage(text), judge=leaning())
        for text in ("渡轮可载乘客和卡车。", "学校教授音乐和历史。")
    )
    assert near.score > 2 * far.score
