"""What every library is given, and the form in which its numbers are kept.

Imported by the scripts that run inside the peers' environments, so it needs no package.
"""

import json
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
MODELS = ROOT / "tests/parity/models"
STARTER = Path(os.environ["STARTER"])  # golden.py saves the pair there
_SOURCES = ROOT / "tests/sample_docs/sources"

QUESTION = "How long may nobody enter the engine room?"
BGE_ZH = "为这个句子生成表示以用于检索相关文章\uff1a"
# English, Chinese, both at once; marks in both widths; emoji; hardly anything; equal texts.
TEXTS = (
    "The ferry leaves the pier at nine.",
    "渡轮上午九点从码头出发。",
    "The crew 船员 must ring the bell 三次 in a fire！",
    "ＦＵＬＬ－ｗｉｄｔｈ： １２３，（票价）；“five crowns”、《轮机》……",
    "Fire 🔥 in the engine room 👨‍👩‍👧, ring 🔔!",
    "a",
    ".",
    "？",
    "x² ≠ ½ · café naïve Ω Привет مرحبا",
    "A refund takes ten days.\nIt is paid to the card\tthat was used.  Twice the space.",
    "   spaces around   ",
    "The ferry leaves the pier at nine.",
)
_MANUAL = (_SOURCES / "safety-manual.txt").read_text(encoding="utf-8")
_HANDBOOK = (_SOURCES / "员工手册.txt").read_text(encoding="utf-8")
# The tiny XLM-R reads them, with the question, in 1, 1, 2, 5 and 2 windows.
LONG_TEXTS = (_MANUAL[:250], _MANUAL[:900], _MANUAL[:1700], _MANUAL[:4200], _HANDBOOK[:900])
# Within what every library reads whole.
FITTING = (*TEXTS, *LONG_TEXTS[:2])
LONG_QUESTION = _MANUAL[5200:5950]


class Golden:
    """Collects what a library gave, and writes it as JSON to the path on the command line."""

    def __init__(self, *packages: str) -> None:
        self._content: dict[str, Any] = {
            "made_with": ", ".join(f"{name} {version(name)}" for name in packages),
            "embeddings": [],
            "scores": [],
            "quirks": {},
        }

    def embeddings(
        self, model: str, pooling: str, texts: Sequence[str], vectors: Any, *, prefix: str = ""
    ) -> None:
        """Keep the vectors of texts; ``prefix`` is what the library put before each."""
        rows = [[round(float(number), 6) for number in row] for row in vectors]
        self._content["embeddings"].append(
            {"model": model, "pooling": pooling, "prefix": prefix, "texts": texts, "vectors": rows}
        )

    def scores(
        self, model: str, call: str, question: str, passages: Sequence[str], scores: Iterable[float]
    ) -> None:
        """Keep the scores of passages, in the order of the passages."""
        numbers = [round(float(score), 6) for score in scores]
        self._content["scores"].append(
            {
                "model": model,
                "call": call,
                "question": question,
                "passages": passages,
                "scores": numbers,
            }
        )

    def quirk(self, name: str, act: Callable[[], Any]) -> None:
        """Keep what a library does where it may fail: what it returns, or the error's name."""
        try:
            self._content["quirks"][name] = act()
        except Exception as problem:
            self._content["quirks"][name] = type(problem).__name__

    def write(self) -> None:
        """Write what was collected."""
        text = json.dumps(self._content, ensure_ascii=False, separators=(",", ":"))
        # One case a line, so that a change can be read.
        text = text.replace('{"model"', '\n{"model"').replace('"quirks"', '\n"quirks"')
        Path(sys.argv[1]).write_text(text + "\n", encoding="utf-8")
