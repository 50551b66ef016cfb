"""The measures by which a vector store compares, and what of them makes a relevance."""

from collections.abc import Callable
from enum import StrEnum

import numpy as np

from bifolio.ingest import message
from bifolio.retrieval import BadOption
from bifolio.retrieval.arrays import Floats


class DistanceStrategy(StrEnum):
    """LangChain's names; a member of its own enumeration is taken as well.

    EUCLIDEAN_DISTANCE is the squared distance, as LangChain's FAISS gives it: less is nearer. Of
    the others more is nearer. COSINE is the cosine, where LangChain's FAISS would give distances.
    """

    EUCLIDEAN_DISTANCE = "EUCLIDEAN_DISTANCE"
    MAX_INNER_PRODUCT = "MAX_INNER_PRODUCT"
    DOT_PRODUCT = "DOT_PRODUCT"
    COSINE = "COSINE"

    @property
    def ascending(self) -> bool:
        """Whether less is nearer."""
        return self is DistanceStrategy.EUCLIDEAN_DISTANCE

    def compare(self, vectors: Floats, query: Floats) -> Floats:
        """Compare each vector (texts, dims) with one (dims,): float32 of shape (texts,)."""
        if self.ascending:
            gaps = vectors - query
            distances: Floats = np.einsum("ij,ij->i", gaps, gaps)
            return distances
        products: Floats = vectors @ query
        if self is DistanceStrategy.COSINE:
            lengths = np.linalg.norm(vectors, axis=1) * np.linalg.norm(query)
            products = products / np.maximum(lengths, 1e-12)
        return products

    def passes(self, score: float, threshold: float) -> bool:
        """Tell whether a score is as near as the threshold."""
        return score <= threshold if self.ascending else score >= threshold

    def relevance(self) -> Callable[[float], float]:
        """Give what makes a relevance from 0 to 1 of a score: the cosine of unit vectors."""
        if self.ascending:
            return lambda distance: min(1.0, max(0.0, 1 - distance / 2))
        return lambda product: min(1.0, max(0.0, product))


def read_strategy(name: str) -> DistanceStrategy:
    """Give the strategy of that name.

    Raises:
        BadOption: there is none.
    """
    try:
        return DistanceStrategy(getattr(name, "value", name))
    except ValueError:
        known = ", ".join(DistanceStrategy)
        sentence = "distance_strategy {name} is not known; choose one of {known}"
        raise BadOption(
            message("unknown-strategy", sentence, name=str(name), known=known)
        ) from None
