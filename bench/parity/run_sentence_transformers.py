"""Golden numbers of sentence-transformers; golden.py runs this in its environment.

LangChain's and LlamaIndex's classes for local models call it as it is called here.
"""

from inputs import FITTING, LONG_TEXTS, MODELS, QUESTION, STARTER, Golden
from sentence_transformers import CrossEncoder, SentenceTransformer
from sentence_transformers.models import Pooling, Transformer

_FLOAT32 = {"dtype": "float32"}


def main() -> None:
    """Run both kinds of model over everything."""
    golden = Golden("sentence-transformers", "transformers", "torch")
    _embed(golden)
    folders = {"xlm-r": MODELS / "xlm-r", "bert": MODELS / "bert", "starter": STARTER / "reranker"}
    for name, folder in folders.items():
        reranker = CrossEncoder(str(folder), max_length=512, device="cpu", model_kwargs=_FLOAT32)
        for call, passages in (("predict", FITTING), ("predict, cut", LONG_TEXTS)):
            scores = reranker.predict([(QUESTION, passage) for passage in passages])
            golden.scores(name, call, QUESTION, passages, scores)
    golden.write()


def _embed(golden: Golden) -> None:
    texts = list(FITTING)
    for name in ("xlm-r", "bert"):
        for pooling in ("cls", "mean"):
            encoder = Transformer(str(MODELS / name), model_kwargs=_FLOAT32)
            pool = Pooling(encoder.get_embedding_dimension(), pooling_mode=pooling)
            model = SentenceTransformer(modules=[encoder, pool], device="cpu")
            golden.embeddings(name, pooling, texts, model.encode(texts, normalize_embeddings=True))
            prompted = model.encode(texts, prompt="query: ", normalize_embeddings=True)
            golden.embeddings(name, pooling, texts, prompted, prefix="query: ")
    # Its folder says how to pool.
    starter = SentenceTransformer(str(STARTER / "embedder"), device="cpu", model_kwargs=_FLOAT32)
    for prefix in ("", *(starter.prompts[name] for name in ("query", "document"))):
        vectors = starter.encode(texts, prompt=prefix, normalize_embeddings=True)
        golden.embeddings("starter", "mean", texts, vectors, prefix=prefix)


if __name__ == "__main__":
    main()
