"""Golden numbers of BCEmbedding; golden.py runs this in its environment."""

from typing import Any

from BCEmbedding import EmbeddingModel, RerankerModel
from inputs import (
    BGE_ZH,
    FITTING,
    LONG_QUESTION,
    LONG_TEXTS,
    MODELS,
    QUESTION,
    STARTER,
    TEXTS,
    Golden,
)


def main() -> None:
    """Run both models over everything."""
    golden = Golden("BCEmbedding", "transformers", "torch")
    _embed(golden)
    reranker = RerankerModel(str(MODELS / "xlm-r"), device="cpu")
    _rerank(golden, reranker)
    _quirks(golden, reranker)
    golden.write()


def _embed(golden: Golden) -> None:
    folders = {"xlm-r": MODELS / "xlm-r", "bert": MODELS / "bert", "starter": STARTER / "embedder"}
    for name, folder in folders.items():
        for pooling in ("mean",) if name == "starter" else ("cls", "mean"):
            model = EmbeddingModel(str(folder), pooler=pooling, device="cpu")
            for prefix in ("", BGE_ZH) if pooling == "cls" else ("",):
                vectors = model.encode(
                    list(FITTING), query_instruction=prefix, batch_size=4, enable_tqdm=False
                )
                golden.embeddings(name, pooling, FITTING, vectors, prefix=prefix)


def _rerank(golden: Golden, reranker: Any) -> None:
    asked = ((QUESTION, FITTING), (QUESTION, LONG_TEXTS), (LONG_QUESTION, LONG_TEXTS))
    for question, passages in asked:
        scores = _reranked(reranker, question, passages)
        golden.scores("xlm-r", "rerank", question, passages, scores)
    starter = RerankerModel(str(STARTER / "reranker"), device="cpu")
    for name, model in (("xlm-r", reranker), ("starter", starter), ("bert", _bert())):
        golden.scores(name, "compute_score", QUESTION, FITTING, _computed(model, FITTING))
    golden.scores(
        "xlm-r", "compute_score, cut", QUESTION, LONG_TEXTS, _computed(reranker, LONG_TEXTS)
    )


def _bert() -> Any:
    return RerankerModel(str(MODELS / "bert"), device="cpu")


def _reranked(reranker: Any, question: str, passages: tuple[str, ...]) -> list[float]:
    result = reranker.rerank(question, list(passages))
    scores = [0.0] * len(passages)
    for place, score in zip(result["rerank_ids"], result["rerank_scores"], strict=True):
        scores[place] = score
    return scores


def _computed(model: Any, passages: tuple[str, ...]) -> list[float]:
    pairs = [[QUESTION, passage] for passage in passages]
    scores: list[float] = model.compute_score(pairs, enable_tqdm=False)
    return scores


def _quirks(golden: Golden, reranker: Any) -> None:
    def ids(*passages: str) -> Any:
        return reranker.rerank(QUESTION, list(passages))["rerank_ids"]

    first = TEXTS[0]
    golden.quirk("a blank passage", lambda: ids(first, " \n"))
    golden.quirk("no passages", lambda: ids())
    golden.quirk("ids where the first passage is empty", lambda: ids("", first))
    golden.quirk("ids of three equal passages", lambda: ids(first, first, first))
    golden.quirk("a question of 407 tokens", lambda: len(reranker.rerank(_asked(407), [first])))
    golden.quirk("a question of 408 tokens", lambda: len(reranker.rerank(_asked(408), [first])))
    golden.quirk(
        "an overlap of one's own",
        lambda: RerankerModel(str(MODELS / "xlm-r"), device="cpu", overlap_tokens=40),
    )
    golden.quirk("rerank with BERT", lambda: _reranked(_bert(), QUESTION, TEXTS))
    golden.quirk("the scores of one pair", lambda: reranker.compute_score([[QUESTION, first]]))
    golden.quirk("the scores of no pairs", lambda: reranker.compute_score([]))
    golden.quirk(
        "the scores of a tuple of pairs", lambda: reranker.compute_score(((first, first),))
    )
    golden.quirk(
        "a passage whose answer stands behind 128,000 characters",
        lambda: reranker.rerank(QUESTION, ["?" * 128_000 + first])["rerank_scores"],
    )


def _asked(tokens: int) -> str:
    # A full stop is one token of the tiny tokenizer, and the space before the first is another.
    return "." * (tokens - 1)


if __name__ == "__main__":
    main()
