"""The code of docs/embedding.md runs as it stands."""

import re
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[1] / "docs" / "embedding.md"
BLOCKS = re.findall(r"^```python\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.M | re.S)


def test_every_block_runs_from_the_first_to_the_last(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert len(BLOCKS) == 4
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "handbook.txt").write_text(
        "The notice period is three months for everybody.\n\nDogs are welcome in the office.\n",
        encoding="utf-8",
    )
    monkeypatch.chdir(tmp_path)
    for block in BLOCKS:
        exec(compile(block, str(PAGE), "exec"), {"__name__": "__main__"})
        assert "three months" in capsys.readouterr().out.lower()
