"""The first question of a process loads the reranker while the question is embedded."""

from pathlib import Path

from conftest import OverlapReranker
from tiny_models import tiny_model

from bifolio.retrieval import CrossEncoder, reranker_recipe
from bifolio.retrieval.models.opening import loading


def test_a_reranker_is_loaded_meanwhile_once_it_is_converted(tmp_path: Path) -> None:
    recipe = reranker_recipe(str(tiny_model(tmp_path / "model", kind="reranker", num_labels=1)))
    first = CrossEncoder(recipe)
    with loading(first):
        pass
    assert not first.is_loaded  # converting it beside something else would slow both
    first.scores("a", ["b"])

    second = CrossEncoder(recipe)
    with loading(second):
        pass
    assert second.is_loaded
    with loading(second):
        pass
    assert second.scores("a", ["b"]) == first.scores("a", ["b"])


def test_what_goes_wrong_is_told_by_the_use(tmp_path: Path) -> None:
    folder = tiny_model(tmp_path / "model", kind="reranker", num_labels=1)
    recipe = reranker_recipe(str(folder))
    CrossEncoder(recipe).scores("a", ["b"])
    (folder / "tokenizer.json").write_text("{", encoding="utf-8")

    broken = CrossEncoder(recipe)
    with loading(broken):
        pass

    assert not broken.is_loaded


def test_other_rerankers_are_left_alone() -> None:
    with loading(OverlapReranker()), loading(None):
        pass
