"""Models are opened once for all libraries that choose the same."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from conftest import OverlapReranker, WordEmbedder
from test_app_settings import OTHERS

from bifolio import Models, Settings
from bifolio.settings import names
from bifolio.sharing import SharedModels

MODELS = {name for name, named in names() if named.of_models} | {"embedder_key", "reranker_key"}


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[Settings]:
    asked: list[Settings] = []

    def _open(settings: Settings, **_: Any) -> Models:
        asked.append(settings)
        return Models(WordEmbedder(), OverlapReranker())

    monkeypatch.setattr(Models, "open", _open)
    return asked


@pytest.mark.parametrize("name", OTHERS)
def test_only_what_chooses_models_parts_them(name: str, opened: list[Settings]) -> None:
    shared = SharedModels()
    one = shared.of(Settings())
    other = shared.of(replace(Settings(), **{name: OTHERS[name]}))

    assert (one.embedder is not other.embedder) == (name in MODELS)
    assert len(opened) == 1 + (name in MODELS)


def test_each_library_has_the_language_model_of_its_own_settings(opened: list[Settings]) -> None:
    shared = SharedModels()
    one = shared.of(Settings(llm="one", base_url="http://127.0.0.1:1", library=Path("a")))
    other = shared.of(Settings(llm="other", base_url="http://127.0.0.1:2", library=Path("b")))

    assert one.language_model is not None
    assert other.language_model is not None
    assert (one.language_model.name, other.language_model.name) == ("one", "other")
    assert one.embedder is other.embedder
    assert shared.of(Settings()).language_model is None
