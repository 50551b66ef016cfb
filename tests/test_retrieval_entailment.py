"""An embedder tells by its tokens what a text of the other language states."""

from pathlib import Path

import pytest
from tiny_models import tiny_model

from bifolio.retrieval import EmbedderOptions, ModelEmbedder, embedder_recipe

CHINESE = "渡轮每天早上八点从港口出发。"


@pytest.mark.parametrize(
    ("true", "false", "text"),
    [
        ("The ferry leaves the harbour at eight.", "The restaurant is closed.", CHINESE),
        (
            "The ferry leaves the harbour every day.",
            "The ferry leaves the harbour with the mail of the islands.",
            CHINESE,
        ),
        ("退款在三周内支付。", "申请须由经理签字。", "A refund is paid within three weeks."),
        (
            "退款在三周内支付。",
            "退款在三周内由总部以现金支付。",
            "A refund is paid within three weeks.",
        ),
    ],
)
def test_what_is_stated_has_more_than_what_is_not(
    starter_embedder: ModelEmbedder, true: str, false: str, text: str
) -> None:
    stated, invented = (starter_embedder.entailed(one, [text]) for one in (true, false))
    assert stated is not None
    assert invented is not None
    assert stated[0] > invented[0] + 1


def test_each_text_is_judged_alone_and_in_the_given_order(starter_embedder: ModelEmbedder) -> None:
    said = "The ferry leaves the harbour at eight."
    texts = ["餐厅关门。", CHINESE, ""]

    together = starter_embedder.entailed(said, texts)

    assert together is not None
    assert together.argmax() == 1
    alone = [starter_embedder.entailed(said, [text]) for text in texts]
    assert together == pytest.approx([one[0] for one in alone if one is not None], abs=0.05)


def test_of_a_long_text_its_beginning_is_judged(starter_embedder: ModelEmbedder) -> None:
    said = "The ferry leaves the harbour at eight."
    found = starter_embedder.entailed(said, [CHINESE + "餐厅关门。" * 400])
    assert found is not None
    assert found.shape == (1,)


def test_an_embedder_without_a_head_does_not_tell(tmp_path: Path) -> None:
    embedder = ModelEmbedder(
        embedder_recipe(str(tiny_model(tmp_path / "model"))), EmbedderOptions(pooling="cls")
    )
    assert embedder.entailed("a", ["b"]) is None


def test_of_no_texts_nothing_is_told(starter_embedder: ModelEmbedder) -> None:
    found = starter_embedder.entailed("a", [])
    assert found is not None
    assert len(found) == 0
