"""Models are made ready before they are asked, and what is asked meanwhile waits for them."""

import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from tiny_models import tiny_model

from bifolio import Library, warming
from bifolio.chats import Chats
from bifolio.jobs import Answers, Uploads
from bifolio.models import Models
from bifolio.retrieval import is_converted
from bifolio.settings import Settings
from bifolio.warming import Warming

PATIENCE = 30.0


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Give settings that choose two tiny models, which nobody has converted yet."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    embedder = tiny_model(tmp_path / "embedder", "bert")
    reranker = tiny_model(tmp_path / "reranker", "bert", "reranker")
    return Settings(embedder=str(embedder), reranker=str(reranker), pooling="cls")


def test_what_is_not_converted_is_converted_by_another_process(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    models = Models.open(settings)
    commands = []

    def _run(command: list[str], *, env: dict[str, str], **_: Any) -> None:
        commands.append(command)
        with pytest.MonkeyPatch.context() as patch:
            for name in ("BIFOLIO_EMBEDDER", "BIFOLIO_RERANKER", "BIFOLIO_POOLING"):
                patch.setenv(name, env[name])
            warming.main()

    monkeypatch.setattr(subprocess, "run", _run)
    assert not is_converted(models.embedder)
    assert Warming(models, settings).wait(PATIENCE)
    assert commands == [[sys.executable, "-P", "-m", "bifolio.warming"]]
    assert is_converted(models.embedder)
    assert is_converted(models.reranker)
    assert Warming(Models.open(settings), settings).wait(PATIENCE)
    assert len(commands) == 1


def test_models_that_cannot_be_loaded_are_left_to_the_first_question(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    models = Models.open(settings)
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: None)
    (Path(str(settings.reranker)) / "model.safetensors").unlink()
    assert Warming(models, settings).wait(PATIENCE)


class NotYet:
    """Models that are ready when the test says so."""

    def __init__(self) -> None:
        self.over = threading.Event()
        self.asked = threading.Event()

    def wait(self, seconds: float) -> bool:
        self.asked.set()
        return self.over.wait(seconds)


def test_a_question_waits_for_the_models_says_so_and_can_be_stopped(
    library: Library, documents: Path
) -> None:
    library.add(documents)
    chats, ready = Chats(library.folder), NotYet()
    answers = Answers(library, chats, ready=ready)
    stopped, answered = chats.begin("ferry price"), chats.begin("ferry price")
    assert answers.start(stopped, "ferry price")
    assert answers.start(answered, "ferry price")
    while (coming := answers.coming(answered)) is None or coming.stage != "preparing":
        assert not answers.wait(0.05)
    answers.stop(stopped)
    ready.over.set()
    assert answers.wait(PATIENCE)
    assert [chats.exchanges(one)[0].state for one in (stopped, answered)] == ["stopped", "done"]


def test_an_upload_waits_for_the_models_and_can_be_cancelled(library: Library) -> None:
    ready = NotYet()
    uploads = Uploads(library, ready=ready)
    uploads.upload("a.md", b"# A\n\nThe ferry.")
    assert ready.asked.wait(PATIENCE)
    uploads.cancel()
    uploads.upload("b.md", b"# B\n\nThe harbour.")
    ready.over.set()
    assert uploads.wait(PATIENCE)
    assert [one.path for one in library.documents()] == ["b.md"]
