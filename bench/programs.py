"""One library at work in a process of its own; race.py starts it with the library's Python.

    python -P bench/programs.py PROGRAM KIND MODEL FOLDER REPEATS

Reads FOLDER/inputs.json, a question and texts; the first four warm up, then all are timed
REPEATS times. Writes FOLDER/figures.json (seconds and megabytes) and FOLDER/results.npy: scores
between 0 and 1 of shape (texts,), or vectors of shape (texts, dims), in the order of the inputs.
Every library is used with its defaults. Imports nothing else of this repository but the package.
"""

import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

WARM_UP = 4

# (question, texts) -> one number or one vector a text; embedders leave the question alone.
Work = Callable[[str, list[str]], Any]


def ours_reranker(model: str) -> Any:
    """Give our CrossEncoder for a model without recipe."""
    from bifolio.ingest import message
    from bifolio.retrieval import CrossEncoder, RerankerRecipe

    return CrossEncoder(
        RerankerRecipe(
            name="random",
            source=model,
            threshold=None,
            threshold_source=message("none", "none"),
            languages=(),
            licence="none",
        )
    )


def ours_embedder(model: str) -> Any:
    """Give our ModelEmbedder for a model without recipe."""
    from bifolio.retrieval import EmbedderRecipe, ModelEmbedder

    return ModelEmbedder(
        EmbedderRecipe(name="random", source=model, pooling="cls", languages=(), licence="none")
    )


def bifolio_reranker(model: str) -> Work:
    """CrossEncoder.scores, by the engine that this machine gets."""
    return ours_reranker(model).scores


def bifolio_embedder(model: str) -> Work:
    """ModelEmbedder.embed_passages, by the engine that this machine gets."""
    embedder = ours_embedder(model)
    return lambda _, texts: embedder.embed_passages(texts)


def torch_reranker(model: str) -> Work:
    """Ours by torch in float32, which the others' numbers are compared with."""
    from bifolio.retrieval.models.torch_engine import TorchEngine

    reranker = ours_reranker(model)
    vars(reranker._model)["engine"] = TorchEngine(Path(model), "reranker")
    return reranker.scores


def torch_embedder(model: str) -> Work:
    """Ours by torch in float32, which the others' numbers are compared with."""
    from bifolio.retrieval.models.torch_engine import TorchEngine

    embedder = ours_embedder(model)
    vars(embedder._model)["engine"] = TorchEngine(Path(model), "embedder")
    return lambda _, texts: embedder.embed_passages(texts)


def bcembedding_reranker(model: str) -> Work:
    """RerankerModel.rerank, put back into the order of the inputs."""
    from BCEmbedding import RerankerModel

    reranker = RerankerModel(model_name_or_path=model)

    def work(question: str, texts: list[str]) -> Any:
        found = reranker.rerank(question, texts)
        scores = np.zeros(len(texts))
        scores[found["rerank_ids"]] = found["rerank_scores"]
        return scores

    return work


def bcembedding_embedder(model: str) -> Work:
    """EmbeddingModel.encode."""
    from BCEmbedding import EmbeddingModel

    embedder = EmbeddingModel(model_name_or_path=model)
    return lambda _, texts: embedder.encode(texts)


def flagembedding_reranker(model: str) -> Work:
    """FlagReranker.compute_score, whose scores are logits."""
    from FlagEmbedding import FlagReranker

    reranker = FlagReranker(model)

    def work(question: str, texts: list[str]) -> Any:
        logits = reranker.compute_score([(question, text) for text in texts])
        return 1 / (1 + np.exp(-np.array(logits)))

    return work


def flagembedding_embedder(model: str) -> Work:
    """FlagModel.encode."""
    from FlagEmbedding import FlagModel

    embedder = FlagModel(model)
    return lambda _, texts: embedder.encode(texts)


def sentence_transformers_reranker(model: str) -> Work:
    """CrossEncoder.predict."""
    from sentence_transformers import CrossEncoder

    reranker = CrossEncoder(model)
    return lambda question, texts: reranker.predict([(question, text) for text in texts])


def sentence_transformers_embedder(model: str) -> Work:
    """SentenceTransformer.encode; the folder's modules name pooling and length."""
    from sentence_transformers import SentenceTransformer

    embedder = SentenceTransformer(model)
    return lambda _, texts: embedder.encode(texts)


LOADERS: dict[tuple[str, str], Callable[[str], Work]] = {
    ("bifolio", "reranker"): bifolio_reranker,
    ("bifolio", "embedder"): bifolio_embedder,
    ("torch", "reranker"): torch_reranker,
    ("torch", "embedder"): torch_embedder,
    ("bcembedding", "reranker"): bcembedding_reranker,
    ("bcembedding", "embedder"): bcembedding_embedder,
    ("flagembedding", "reranker"): flagembedding_reranker,
    ("flagembedding", "embedder"): flagembedding_embedder,
    ("sentence-transformers", "reranker"): sentence_transformers_reranker,
    ("sentence-transformers", "embedder"): sentence_transformers_embedder,
}


def main() -> None:
    """Load, warm up, measure, write."""
    program, kind, model, place, repeats = sys.argv[1:]
    folder = Path(place)
    inputs = json.loads((folder / "inputs.json").read_text(encoding="utf-8"))
    question, texts = inputs["question"], inputs["texts"]
    began = time.perf_counter()
    work = LOADERS[program, kind](model)
    results = work(question, texts[:WARM_UP])
    figures: dict[str, Any] = {"start": time.perf_counter() - began, "walls": []}
    for _ in range(int(repeats)):
        began = time.perf_counter()
        results = work(question, texts)
        figures["walls"].append(time.perf_counter() - began)
    figures["peak_mb"] = peak_mb()
    np.save(folder / "results.npy", np.asarray(results, np.float32))
    (folder / "figures.json").write_text(json.dumps(figures), encoding="utf-8")


def peak_mb() -> float:
    """Give the most memory that this process held, in MiB."""
    status = Path("/proc/self/status")
    if status.exists():
        # Linux counts what the parent held into ru_maxrss, but not into this.
        (line,) = (line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


if __name__ == "__main__":
    main()
