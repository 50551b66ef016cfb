"""What eight bits a row cost the ranking, beside sixteen bits of the same weights.

    python bench/bits.py --embedder .training/tuned --reranker .training/reranker

Reads folders as `training/` writes them, in 32 bits, and writes both forms of each into a temporary
folder. The embedder ranks the contexts of its development set for each question, the reranker the
``--candidates`` of them that are nearest. Hit@1 and MRR@10, and how many questions have another
best text. Both are run by the engine that this machine gets.
"""

import argparse
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from devsets import Case, add_options, cases, pools
from measures import mean, rank, show
from safetensors.torch import load_file, save_file

from bifolio.retrieval import CrossEncoder, ModelEmbedder, embedder_recipe, reranker_recipe
from bifolio.retrieval.arrays import Floats
from bifolio.retrieval.models import eight_bits
from bifolio.retrieval.models.saving import write_layout

PROMPTS = ("query: ", "passage: ")


@dataclass(frozen=True, kw_only=True)
class Bits:
    """How well eight and sixteen bits rank: means over the questions."""

    questions: int
    bytes_16: int
    bytes_8: int
    hit_at_1_16: float
    hit_at_1_8: float
    mrr_at_10_16: float
    mrr_at_10_8: float
    another_best: float


class Embedder(Bits):
    """The embedder's figures."""


class Reranker(Bits):
    """The reranker's figures."""


def main() -> None:
    """Write both forms, rank, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--embedder", type=Path, required=True)
    parser.add_argument("--reranker", type=Path, required=True)
    parser.add_argument("--candidates", type=int, default=20)
    add_options(parser)
    options = parser.parse_args()
    drawn = pools(options.dev, questions=options.questions, size=options.pool)
    with tempfile.TemporaryDirectory() as scratch:
        folders = both(options.embedder, Path(scratch) / "embedder")
        embedders = [ModelEmbedder(embedder_recipe(str(folder))) for folder in folders]
        # Nearest first as far as the pool goes: the ranking by vectors.
        ranked = [cases(drawn, embedder, candidates=options.pool) for embedder in embedders]
        gold = [[1.0 / (1 + case.gold) for case in part] for part in ranked]
        firsts = [[case.passages[0] for case in part] for part in ranked]
        show(Embedder(**figures(folders, gold, firsts)))
        asked = cases(drawn, embedders[0], candidates=options.candidates)
        folders = both(options.reranker, Path(scratch) / "reranker")
        scores = [scored(folder, asked) for folder in folders]
        gold = [
            [1.0 / (1 + rank(one, case.gold)) for one, case in zip(part, asked, strict=True)]
            for part in scores
        ]
        best = [[str(int(np.argmax(one))) for one in part] for part in scores]
        show(Reranker(**figures(folders, gold, best)))


def both(source: Path, out: Path) -> list[Path]:
    """Write a folder's weights in sixteen bits and in eight."""
    weights = load_file(source / "model.safetensors")
    folders = [out / "16", out / "8"]
    for folder in folders:
        shutil.copytree(source, folder, ignore=shutil.ignore_patterns("*.pt", "*.safetensors"))
    half = {name: value.half() for name, value in weights.items()}
    save_file(half, folders[0] / "model.safetensors", {"format": "pt"})
    eight_bits.write(weights, folders[1] / "model.safetensors")
    for folder in folders:
        if out.name == "embedder" and not (folder / "modules.json").is_file():
            write_layout(folder, pooling="mean", prompts=PROMPTS, max_tokens=512)
    return folders


def scored(folder: Path, asked: Sequence[Case]) -> list[Floats]:
    """Score the candidates of each case."""
    reranker = CrossEncoder(reranker_recipe(str(folder)))
    return [reranker.scores(case.question, case.passages) for case in asked]


def figures(
    folders: Sequence[Path], shares: Sequence[Sequence[float]], best: Sequence[Sequence[str]]
) -> dict[str, Any]:
    """Put together what is shown; ``shares`` are one over the rank of each right text."""
    sizes = [(folder / "model.safetensors").stat().st_size for folder in folders]
    found: dict[str, Any] = {"questions": len(shares[0])}
    for bits, size, part in zip((16, 8), sizes, shares, strict=True):
        found[f"bytes_{bits}"] = size
        found[f"hit_at_1_{bits}"] = mean(share == 1 for share in part)
        found[f"mrr_at_10_{bits}"] = mean(share if share >= 0.1 else 0 for share in part)
    found["another_best"] = mean(one != other for one, other in zip(*best, strict=True))
    return found


if __name__ == "__main__":
    main()
