"""The shell and the Python of docs/serve.md run as they stand."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import OverlapReranker, WordEmbedder
from serving import running

from bifolio import Library, Models

PAGE = Path(__file__).parents[1] / "docs" / "serve.md"
BLOCKS = re.findall(r"^```(sh|python)\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.M | re.S)


def test_every_block_runs_from_the_first_to_the_last(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert [kind for kind, _ in BLOCKS] == ["sh", "sh", "python", "sh", "sh"]
    (tmp_path / "docs").mkdir()
    text = "The notice period is three months.\n"
    (tmp_path / "docs" / "handbook.txt").write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    library = Library(tmp_path / "handbook", models=Models(WordEmbedder(), OverlapReranker()))
    library.add("docs")
    told = []
    with running(library) as server:
        # What is served is the doubles' library; installing and starting have tests of their own.
        for kind, block in BLOCKS[1:]:
            command = ["bash", "-e", "-o", "pipefail"] if kind == "sh" else [sys.executable]
            done = subprocess.run(
                [*command, "-c", block],
                env={**os.environ, "BIFOLIO": server.url, "PATH": _path()},
                capture_output=True,
                text=True,
                check=False,
            )
            assert done.returncode == 0, done.stderr
            assert '"error":{' not in done.stdout
            told.append(done.stdout)
    assert all("three months" in one for one in told[:3])
    assert "1 The notice period is three months." in told[1]
    assert '"id":"handbook"' in told[3]


def _path() -> str:
    return f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
