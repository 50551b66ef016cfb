"""Texts as token ids, in batches of about equal length that depend on the step alone."""

import random
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer

Row = NDArray[np.uint16]  # the vocabulary has fewer than 65,536 entries

_SHUFFLED_TOGETHER = 32  # batches whose rows are sorted by length together


class Texts:
    """Texts as ids with special tokens, cut at ``longest``."""

    def __init__(self, tokenizer: Tokenizer, texts: Sequence[str], longest: int) -> None:
        tokenizer.no_padding()
        tokenizer.enable_truncation(longest)
        self.rows: list[Row] = []
        for start in range(0, len(texts), 50_000):
            encoded = tokenizer.encode_batch_fast(list(texts[start : start + 50_000]))
            self.rows += [np.array(one.ids, np.uint16) for one in encoded]

    def lengths(self) -> NDArray[np.int64]:
        """Count the ids of each text."""
        return np.array([len(row) for row in self.rows])


def tokenizer_of(folder: Path) -> Tokenizer:
    """Load the tokenizer of a model folder."""
    return Tokenizer.from_file(str(folder / "tokenizer.json"))


def padded(
    rows: Sequence[Row], device: torch.device, types: Sequence[int] | None = None
) -> dict[str, torch.Tensor]:
    """Make the tensors that a BERT takes; ``types`` says where each row's second text begins."""
    width = -(-max(len(row) for row in rows) // 8) * 8  # tensor cores like multiples of 8
    ids = np.zeros((len(rows), width), np.int64)
    mask, segments = np.zeros_like(ids), np.zeros_like(ids)
    for place, row in enumerate(rows):
        ids[place, : len(row)] = row
        mask[place, : len(row)] = 1
        if types is not None:
            segments[place, types[place] : len(row)] = 1
    arrays = {"input_ids": ids, "attention_mask": mask, "token_type_ids": segments}
    return {
        name: torch.from_numpy(array).to(device, non_blocking=True)
        for name, array in arrays.items()
    }


def longest_first(rows: Sequence[Row], tokens: int) -> Iterator[list[int]]:
    """Yield the places of rows in batches of at most so many padded tokens."""
    order = sorted(range(len(rows)), key=lambda place: -len(rows[place]))
    while order:
        count = max(1, tokens // len(rows[order[0]]))
        yield order[:count]
        order = order[count:]


class Batches:
    """Which texts are in which step's batch: of about equal length, at most ``tokens`` padded.

    The same lengths and seed give the same batches, so that a run can go on where it stopped.
    """

    def __init__(
        self, lengths: NDArray[np.int64], *, tokens: int, seed: int, most: int = 1 << 30
    ) -> None:
        self._lengths = lengths
        self._tokens = tokens
        self._most = most
        self._seed = seed
        self.a_pass = len(self._epoch(0))

    def __getitem__(self, step: int) -> list[int]:
        """Give the places of the texts of one step."""
        epoch, place = divmod(step, self.a_pass)
        batches = self._epoch(epoch)
        return batches[place % len(batches)]  # epochs may differ by a batch or two

    @lru_cache(maxsize=2)  # noqa: B019 - one object lives as long as its run
    def _epoch(self, epoch: int) -> list[list[int]]:
        chance = random.Random(f"{self._seed}/{epoch}")
        order = list(range(len(self._lengths)))
        chance.shuffle(order)
        mean = max(1.0, float(self._lengths.mean()))
        block = max(1, int(min(self._tokens / mean, self._most) * _SHUFFLED_TOGETHER))
        batches = []
        for start in range(0, len(order), block):
            batches += self._cut(order[start : start + block])
        chance.shuffle(batches)
        return batches

    def _cut(self, places: list[int]) -> list[list[int]]:
        places = sorted(places, key=lambda place: int(self._lengths[place]))
        batches: list[list[int]] = [[]]
        for place in places:
            rows = len(batches[-1]) + 1
            if rows > self._most or rows * int(self._lengths[place]) > self._tokens:
                batches.append([])
            batches[-1].append(place)
        return [batch for batch in batches if batch]
