"""The wheel, installed into a clean environment, as a user of pip would have it."""

import json
import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

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
    venv.create(environment, with_pip=True)
    run(
        environment / "bin/python",
        "-m",
        "pip",
        "install",
        "-q",
        "-c",
        ROOT / "constraints.txt",
        wheel,
    )
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


def run(*command: str | Path, cwd: Path | None = None) -> str:
    clean = {name: value for name, value in os.environ.items() if name != "BIFOLIO_LIBRARY"}
    done = subprocess.run(command, cwd=cwd, env=clean, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout
