"""Stage 5: the models as they ship: calibrated, in eight bits a row, each with its card.

    python -m training.export --embedder .training/tuned --reranker .training/reranker \
        --out retrieval/starter
"""

import argparse
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.nn.functional import binary_cross_entropy_with_logits

from bifolio.retrieval.models.folder import read_json
from bifolio.retrieval.models.loading import read_weights
from training.encoder import Floats
from training.encoder import load as load_embedder
from training.figures import DevSet, dev_sets, measure, recalled
from training.rerank import load as load_reranker
from training.rerank import score
from training.save import save_embedder, save_reranker

_NEGATIVES = 8  # of each question, the best of the recall that are wrong
_CARD = Path(__file__).parent / "card.md"
_WHAT = {
    "embedder": 'Mean pooling,\nunit vectors of 384 numbers; it reads "query: " before a question'
    ' and "passage: " before a text.',
    "reranker": "One\nlogit, whose sigmoid is calibrated so that 0.5 is even odds; no prefixes.",
}


def main() -> None:
    """Calibrate, convert, measure what will ship, and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--embedder", type=Path, required=True)
    parser.add_argument("--reranker", type=Path, help="without it the embedder alone is written")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--dev", type=Path, default=Path("../shared/data/dev"))
    parser.add_argument("--questions", type=int, default=200, help="of each set")
    options = parser.parse_args()
    folders = {"embedder": options.out / "embedder"}
    save_embedder(
        load_embedder(options.embedder), options.embedder, folders["embedder"], packed=True
    )
    if options.reranker:
        folders["reranker"] = options.out / "reranker"
        model = load_reranker(options.reranker)
        sets = dev_sets(options.dev, options.questions)
        slope, shift = calibration(options.reranker, options.embedder, sets)
        with torch.no_grad():
            model.classifier.weight.mul_(slope)
            model.classifier.bias.mul_(slope).add_(shift)
        save_reranker(model, options.reranker, folders["reranker"], packed=True)
    figures = measure(
        folders["embedder"],
        options.dev,
        reranker=folders.get("reranker"),
        questions=options.questions,
    )
    for kind, folder in folders.items():
        text = card(kind, folder, figures, questions=options.questions)
        (folder / "README.md").write_text(text, encoding="utf-8")
        print(text)


def calibration(reranker: Path, embedder: Path, sets: list[DevSet]) -> tuple[float, float]:
    """Fit what makes the logit's sigmoid the chance that a passage answers, at even odds.

    Right and wrong passages count alike in all, and so does each set (Platt, 1999). The wrong ones
    are the best of the recall: near misses, and in the mixed sets of both languages.
    """
    right: list[Floats] = []
    wrong: list[Floats] = []
    for chosen, rankings in zip(sets, recalled(embedder, sets), strict=True):
        good = zip(chosen.questions, chosen.right, strict=True)
        right.append(score(reranker, [(asked, chosen.contexts[place]) for asked, place in good]))
        bad = [
            (asked, chosen.contexts[place])
            for asked, gold, ranking in zip(chosen.questions, chosen.right, rankings, strict=True)
            for place in ranking[: _NEGATIVES + 1]
            if place != gold
        ]
        wrong.append(score(reranker, bad))
    return platt(right, wrong)


def platt(right: list[Floats], wrong: list[Floats]) -> tuple[float, float]:
    """Give the slope and the shift that fit the logits of each set best."""
    sides = ((right, 1.0), (wrong, 0.0))
    logits = torch.tensor(np.concatenate([one for side, _ in sides for one in side]))
    labels = torch.cat([torch.full((len(one),), label) for side, label in sides for one in side])
    weights = torch.cat(
        [torch.full((len(one),), 1 / len(one)) for side, _ in sides for one in side]
    )
    fitted = torch.tensor([1.0, 0.0], requires_grad=True)
    optimizer = torch.optim.LBFGS([fitted], max_iter=100)

    def _loss() -> Any:
        optimizer.zero_grad()
        loss: Any = binary_cross_entropy_with_logits(
            logits * fitted[0] + fitted[1], labels, weight=weights, reduction="sum"
        )
        loss.backward()
        return loss

    optimizer.step(_loss)  # type: ignore[no-untyped-call]
    slope, shift = fitted.detach().tolist()
    return slope, shift


def card(kind: str, folder: Path, figures: dict[str, dict[str, float]], *, questions: int) -> str:
    """Give the model card: what it is, its data and licences, its figures and limits."""
    columns = list(next(iter(figures.values())))
    lines = ["| set | " + " | ".join(columns) + " |", "|---" * (len(columns) + 1) + "|"]
    lines += [
        f"| {name} | " + " | ".join(f"{found[column]:.3f}" for column in columns) + " |"
        for name, found in figures.items()
    ]
    weights = read_weights(folder / "model.safetensors")
    facts = {
        "kind": kind,
        "what": _WHAT[kind],
        "layers": read_json(folder / "config.json")["num_hidden_layers"],
        "parameters": round(sum(value.size for value in weights.values()) / 1e6),
        "questions": questions,
        "figures": "\n".join(lines),
    }
    text = _CARD.read_text(encoding="utf-8")
    for name, fact in facts.items():
        text = text.replace(f"{{{name}}}", str(fact))
    return text


if __name__ == "__main__":
    main()
