"""Golden numbers of FlagEmbedding; golden.py runs this in its environment."""

from typing import Any

from FlagEmbedding import FlagLLMReranker, FlagModel, FlagReranker
from inputs import BGE_ZH, FITTING, LONG_TEXTS, MODELS, QUESTION, STARTER, Golden


def main() -> None:
    """Run the three kinds of model over everything."""
    golden = Golden("FlagEmbedding", "transformers", "torch")
    _embed(golden)
    folders = {
        "xlm-r": MODELS / "xlm-r",
        "bert": MODELS / "bert",
        "starter": STARTER / "reranker",
        "gemma": MODELS / "gemma",
    }
    for name, folder in folders.items():
        kind: Any = FlagLLMReranker if name == "gemma" else FlagReranker
        reranker = kind(str(folder), use_fp16=False, devices="cpu")
        reranker.model.float()
        _rerank(golden, name, reranker)
    golden.write()


def _rerank(golden: Golden, name: str, reranker: Any) -> None:
    """Score what fits into 512 tokens, as logits and sigmoids, and what does not.

    With transformers 5 FlagReranker makes text of the ids and ids of that text again. Texts with
    unknown characters come back as others, so their numbers stand by themselves.
    """
    whole = [text for text in FITTING if name == "gemma" or _comes_back(reranker.tokenizer, text)]
    asked = (
        ("logit", whole, False),
        ("sigmoid", whole, True),
        ("sigmoid, read as another text", [text for text in FITTING if text not in whole], True),
        ("sigmoid, cut", LONG_TEXTS, True),
    )
    for call, passages, normalize in asked:
        if passages:
            pairs = [(QUESTION, passage) for passage in passages]
            scores = reranker.compute_score(pairs, normalize=normalize)
            golden.scores(name, call, QUESTION, passages, scores)


def _comes_back(tokenizer: Any, text: str) -> bool:
    ids = tokenizer(text, add_special_tokens=False)["input_ids"]
    again = tokenizer(tokenizer.decode(ids), add_special_tokens=False)["input_ids"]
    return bool(ids == again)


def _embed(golden: Golden) -> None:
    kinds = (
        ("xlm-r", MODELS / "xlm-r", "cls"),
        ("bert", MODELS / "bert", "cls"),
        ("bert", MODELS / "bert", "mean"),
        ("starter", STARTER / "embedder", "mean"),
    )
    for name, folder, pooling in kinds:
        model = FlagModel(
            str(folder),
            query_instruction_for_retrieval=BGE_ZH,
            pooling_method=pooling,
            use_fp16=False,
            devices="cpu",
        )
        model.model.float()
        texts = list(FITTING)
        golden.embeddings(name, pooling, texts, model.encode_queries(texts), prefix=BGE_ZH)
        golden.embeddings(name, pooling, texts, model.encode_corpus(texts))


if __name__ == "__main__":
    main()
