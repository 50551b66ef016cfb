"""The wheel, installed into a clean environment, as a user of pip would have it."""

import json
import os
import subprocess
import sys
import venv
import zipfile
from email import message_from_bytes
from importlib.metadata import distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--outdir", folder, ROOT],
        check=True,
        capture_output=True,
    )
    return next(folder.glob("*.whl"))


def test_the_wheel_adds_one_top_level_name_and_carries_the_starter_models(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.split("/")[0] for name in names if ".dist-info/" not in name} == {"bifolio"}
    for file in (
        "embedder/model.safetensors",
        "reranker/model.safetensors",
        "embedder/tokenizer.json",
    ):
        assert f"bifolio/retrieval/starter/{file}" in names
    assert {"bifolio/py.typed", "bifolio/retrieval/store/schema.sql"} <= set(names)


def test_a_clean_environment_answers_from_another_folder(wheel: Path, tmp_path: Path) -> None:
    environment = tmp_path / "environment"
    venv.create(environment)
    python = environment / "bin/python"
    install = ("install", "-q", "--no-deps", "--no-index", wheel)
    run(sys.executable, "-m", "pip", "--python", python, *install)
    lend(declared(zipfile.ZipFile(wheel)), next(environment.glob("lib/*/site-packages")))
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "note.txt").write_text("The ferry to Skarne leaves at seven in the morning.\n")
    bifolio = environment / "bin/bifolio"
    assert "ask" in run(bifolio, "--help", cwd=elsewhere)
    run(environment / "bin/ingest", "note.txt", cwd=elsewhere)
    asked = ("ask", "--json", "When does the ferry to Skarne leave?")
    answer = json.loads(run(bifolio, *asked, cwd=elsewhere))
    assert "seven in the morning" in answer["answer"]
    assert answer["citations"][0]["page_start"] == 1


def test_importing_the_package_is_cheap() -> None:
    code = "import bifolio, sys; print(sorted({'torch', 'faiss', 'numpy'} & set(sys.modules)))"
    assert run(sys.executable, "-c", code).strip() == "[]"


def declared(wheel: zipfile.ZipFile) -> set[str]:
    """Give the distributions that pip would install for the wheel, without extras."""
    (name,) = (name for name in wheel.namelist() if name.endswith(".dist-info/METADATA"))
    waiting = message_from_bytes(wheel.read(name)).get_all("Requires-Dist", [])
    found: set[tuple[str, frozenset[str]]] = set()
    while waiting:
        wanted = Requirement(waiting.pop())
        marker, extras = wanted.marker, frozenset(wanted.extras)
        if (wanted.name, extras) in found or (marker and not marker.evaluate({"extra": ""})):
            continue
        found.add((wanted.name, extras))
        for line in distribution(wanted.name).requires or []:
            needed = Requirement(line)
            if needed.marker is None or any(
                needed.marker.evaluate({"extra": extra}) for extra in ("", *extras)
            ):
                needed.marker = None
                waiting.append(str(needed))
    return {name for name, _ in found}


def lend(names: set[str], folder: Path) -> None:
    """Let an environment have these distributions of ours and nothing else of ours."""
    for name in names:
        for top in {file.parts[0] for file in distribution(name).files or []}:
            if top != ".." and not (folder / top).exists():
                (folder / top).symlink_to(str(distribution(name).locate_file(top)))


def run(*command: str | Path, cwd: Path | None = None) -> str:
    clean = {name: value for name, value in os.environ.items() if name != "BIFOLIO_LIBRARY"}
    done = subprocess.run(command, cwd=cwd, env=clean, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout
