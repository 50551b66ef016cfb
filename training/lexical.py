"""BM25 over word pieces, as products of matrices: hundreds of thousands of questions in seconds."""

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from training.batches import Row
from training.encoder import device

_K1, _B = 1.5, 0.75
_TOGETHER = 256  # questions


class Pieces:
    """The texts of a pool as weighted word pieces, each text the ids of its pieces."""

    def __init__(self, texts: Sequence[Row]) -> None:
        self._width = 1 + max((int(row.max()) for row in texts if len(row)), default=0)
        texts_of = np.repeat(np.arange(len(texts)), [len(row) for row in texts])
        keys = texts_of * self._width + np.concatenate(texts).astype(np.int64)
        keys, counts = np.unique(keys, return_counts=True)
        places, pieces = np.divmod(keys, self._width)
        lengths = np.bincount(texts_of, minlength=len(texts))
        held = np.bincount(pieces, minlength=self._width)
        rare = np.log(1 + (len(texts) - held + 0.5) / (held + 0.5))
        long = 1 - _B + _B * lengths / max(1.0, lengths.mean())
        weights = rare[pieces] * counts * (_K1 + 1) / (counts + _K1 * long[places])
        self._weights = torch.sparse_coo_tensor(
            torch.from_numpy(np.stack([places, pieces])),
            torch.from_numpy(weights.astype(np.float32)),
            (len(texts), self._width),
            device=device(),
            is_coalesced=True,
            check_invariants=True,
        )

    def best(self, questions: Sequence[Row], depth: int) -> Iterator[NDArray[np.int64]]:
        """Yield the places of the texts that share most with each question, best first."""
        depth = min(depth, self._weights.shape[0])
        for start in range(0, len(questions), _TOGETHER):
            batch = questions[start : start + _TOGETHER]
            asked = np.zeros((self._width, len(batch)), np.float32)
            for place, row in enumerate(batch):
                asked[row[row < self._width], place] = 1
            scores = self._weights @ torch.from_numpy(asked).to(device())
            yield from scores.topk(depth, dim=0).indices.T.cpu().numpy()
