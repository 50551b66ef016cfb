"""The classes of the models' authors, run by Bifolio: code after the model cards changes one line.

    from bifolio.compat import EmbeddingModel, RerankerModel         # was: from BCEmbedding
    from bifolio.compat import FlagModel, FlagReranker               # was: from FlagEmbedding
    from bifolio.compat import CrossEncoder, SentenceTransformer  # was: from sentence_transformers

They give the numbers that the originals give: no prefix that the caller does not ask for, what is
too long is cut, 32 bits unless a GPU is asked for 16. A folder, a hub id, or a name that
``bifolio models`` lists is a model.
"""

from bifolio.compat.bcembedding import EmbeddingModel, RerankerModel
from bifolio.compat.flagembedding import FlagLLMReranker, FlagModel, FlagReranker
from bifolio.compat.sentence_transformers import CrossEncoder, SentenceTransformer

__all__ = [
    "CrossEncoder",
    "EmbeddingModel",
    "FlagLLMReranker",
    "FlagModel",
    "FlagReranker",
    "RerankerModel",
    "SentenceTransformer",
]
