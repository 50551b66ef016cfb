"""The one seam to the library that runs a model: arrays of ids in, an array of numbers out."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from bifolio.retrieval.arrays import Floats, Ids
from bifolio.retrieval.models.tokens import Encoded

# Tokens in a batch, padding included. A CPU runs small batches as fast as large ones, and less is
# padded in them (bench/latency.py); a GPU wants to be filled.
CPU_BATCH = 1024
GPU_BATCH = 65536


@dataclass(frozen=True, slots=True)
class Run:
    """Where and how exactly a model is to run.

    ``device`` is as torch spells it ("cpu", "cuda", "cuda:1"); None is a GPU if there is one.
    ``exact`` asks for 32 bits, as the libraries of the models' authors compute by default.
    ``wrap`` is given the engine once it is loaded, and gives what is used in its place.
    """

    device: str | None = None
    exact: bool = False
    wrap: "Callable[[Engine], Engine] | None" = None


ANYWHERE = Run()


class Engine(Protocol):
    """Runs one model.

    ``name`` says with what library and precision, for traces; ``batch_tokens`` is how many tokens,
    padding included, it likes to be given at once, and ``streams`` how many batches it runs at the
    same time, asked by as many threads. ``pools`` tells of an embedder that it gives vectors of
    whole texts (rows, dims), with all its layers. ``run`` takes three arrays of shape
    (rows, tokens) and gives float32: hidden states (rows, tokens, width) of an embedder, logits
    (rows, labels) of a reranker. With ``weights`` (rows, tokens), float32, it gives of each row the
    weighted sum of its hidden states (rows, width): less to carry away from a GPU.
    """

    name: str
    batch_tokens: int
    streams: int
    pools: bool

    def run(self, ids: Ids, mask: Ids, types: Ids, weights: Floats | None = None) -> Floats:
        """Run the model over one batch."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows of about equal length, padded: ``places`` says which of the inputs they are."""

    places: list[int]
    ids: Ids
    mask: Ids
    types: Ids


def run_all(
    engine: Engine,
    inputs: Sequence[Encoded],
    *,
    pad: int,
    weigh: Callable[[Batch], Floats] | None = None,
) -> Iterator[tuple[list[int], Floats]]:
    """Run a model over inputs, so many batches at once as it likes.

    Yields of each batch which of the inputs it holds, and what the engine gives for them: of an
    embedder with the weights that ``weigh`` gives the batch.
    """

    def run(batch: Batch) -> Floats:
        """Run one batch, with its pooling weights if there are any."""
        weights = weigh(batch) if weigh else None
        return engine.run(batch.ids, batch.mask, batch.types, weights)

    todo = list(batches(inputs, pad=pad, tokens=engine.batch_tokens))
    if len(todo) == 1 or engine.streams == 1:
        yield from ((batch.places, run(batch)) for batch in todo)
        return
    with ThreadPoolExecutor(engine.streams) as pool:
        # Each in a context like this one, which knows who waits for it.
        futures = [pool.submit(copy_context().run, run, batch) for batch in todo]
        try:
            for batch, future in zip(todo, futures, strict=True):
                yield batch.places, future.result()
        finally:
            pool.shutdown(cancel_futures=True)


def batches(inputs: Sequence[Encoded], *, pad: int, tokens: int = CPU_BATCH) -> Iterator[Batch]:
    """Sort the inputs by length and yield batches of at most ``tokens``, the longest first."""
    order = sorted(range(len(inputs)), key=lambda place: -len(inputs[place]))
    while order:
        width = len(inputs[order[0]])
        rows = max(1, tokens // width)
        yield _pad([(place, inputs[place]) for place in order[:rows]], width, pad)
        order = order[rows:]


def _pad(rows: list[tuple[int, Encoded]], width: int, pad: int) -> Batch:
    shape = (len(rows), width)
    ids, mask, types = np.full(shape, pad), np.zeros(shape, np.int64), np.zeros(shape, np.int64)
    for row, (_, encoded) in enumerate(rows):
        ids[row, : len(encoded)] = encoded.ids
        types[row, : len(encoded)] = encoded.types
        mask[row, : len(encoded)] = 1
    return Batch([place for place, _ in rows], ids, mask, types)
