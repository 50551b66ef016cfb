"""What docs/models.md shows can be typed as it stands."""

import re
import shlex
from pathlib import Path

import pytest
from conftest import OverlapReranker, WordEmbedder
from model_server import serving

from bifolio.cli import options
from bifolio.models import Models
from bifolio.retrieval.models.remote.servers import KINDS

PAGE = (Path(__file__).parents[1] / "docs" / "models.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", PAGE, re.M | re.S)
LINES = [line for kind, block in BLOCKS if kind == "sh" for line in block.splitlines()]
SERVED = [line for line in LINES if re.search(r" \w+:\S*$", line)]


@pytest.mark.parametrize("line", LINES)
def test_every_command_is_understood(line: str) -> None:
    command, *arguments = shlex.split(line)

    assert options.parse(["ingest", *arguments] if command == "ingest" else arguments)


@pytest.mark.parametrize("line", SERVED)
def test_every_server_that_is_named_can_be_opened(line: str) -> None:
    command, *arguments = shlex.split(line)
    parsed = options.parse(["ingest", *arguments] if command == "ingest" else arguments)

    assert Models.open(options.settings_from(parsed))


def test_every_kind_stands_in_the_table_as_it_is() -> None:
    rows = re.findall(r"^\| `(\w+)` \| `(\S+)` \| (yes|) ?\| (yes|)", PAGE, re.M)

    known = {(kind.name, kind.url, bool(kind.embeds), bool(kind.reranks)) for kind in KINDS}
    assert {(name, url, bool(embeds), bool(ranks)) for name, url, embeds, ranks in rows} == known
    shown = " ".join(SERVED)
    assert [kind.name for kind in KINDS if f" {kind.name}:" not in shown] == []


def test_the_python_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (code,) = (block for kind, block in BLOCKS if kind == "python")
    (tmp_path / "docs").mkdir()
    words = "The ferry price is five crowns. How long is the notice period? Three months.\n"
    (tmp_path / "docs" / "fares.txt").write_text(words, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    with serving(WordEmbedder().embed_queries, OverlapReranker().scores) as server:
        code = code.replace("http://127.0.0.1:7997", server.url)
        exec(compile(code, "models.md", "exec"), {"__name__": "__main__"})
        assert server.asked
    assert capsys.readouterr().out.strip()
