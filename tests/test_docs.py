"""The code of the pages in docs/ runs as it stands."""

import re
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[1] / "docs"


def blocks(page: str, language: str) -> list[str]:
    text = (DOCS / page).read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.M | re.S)


@pytest.fixture
def _documents(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "handbook.txt").write_text(
        "The notice period is three months for everybody.\n\nDogs are welcome in the office.\n",
        encoding="utf-8",
    )
    monkeypatch.chdir(tmp_path)


def run(page: str, code: str) -> None:
    exec(compile(code, str(DOCS / page), "exec"), {"__name__": "__main__"})


@pytest.mark.usefixtures("_documents")
def test_every_block_runs_from_the_first_to_the_last(capsys: pytest.CaptureFixture[str]) -> None:
    found = blocks("embedding.md", "python")
    assert len(found) == 4
    for block in found:
        run("embedding.md", block)
        assert "three months" in capsys.readouterr().out.lower()


@pytest.mark.usefixtures("_documents")
@pytest.mark.filterwarnings("ignore:`langchain-community` is being sunset:DeprecationWarning")
def test_every_block_about_agents_runs(capfd: pytest.CaptureFixture[str]) -> None:
    # By descriptors: a server in a process of its own gets this one's standard error.
    found = blocks("agents.md", "python")
    assert len(found) == 4
    run("embedding.md", blocks("embedding.md", "python")[0])
    for block in found:
        run("agents.md", block)
        assert "three months" in capfd.readouterr().out.lower()
