"""Texts become token ids: singles and pairs with their special tokens, long texts as windows."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from bifolio.ingest import message
from bifolio.retrieval.models.folder import ModelUnavailable


@dataclass(frozen=True, slots=True)
class Encoded:
    """One input of a model: token ids and segment ids, both of the same length."""

    ids: list[int]
    types: list[int]

    def __len__(self) -> int:
        """Count the ids."""
        return len(self.ids)


class PairTokens(Protocol):
    """Lays out a question and a passage for a reranker.

    ``pad`` is the id that fills up short rows; ``pair_extra`` is how many ids stand around those
    of the two texts; ``lead`` are the ids to put before all windows of a passage but its first.
    """

    pad: int
    pair_extra: int
    lead: list[int]

    def read(self, question: str, passages: Sequence[str]) -> tuple[list[int], list[list[int]]]:
        """Tokenize the question and each passage whole."""

    def pair(self, first: list[int], second: list[int]) -> Encoded:
        """Lay out the ids of a question and those of a passage, or of a part of it."""


class Tokens:
    """The tokenizer of one model folder, with the layout of its special tokens.

    ``pad`` is the id that fills up short rows; ``single_extra`` and ``pair_extra`` are how many
    special tokens a single text and a pair carry, ``single_before`` how many stand before the text.

    Raises:
        ModelUnavailable: the folder has no fast tokenizer.
    """

    def __init__(self, folder: Path) -> None:
        try:
            self._backend, self.pad = _load(folder)
        # tokenizers raises bare exceptions on files that it cannot read.
        except Exception as problem:
            reason = " ".join(str(problem).split())[:200]
            raise ModelUnavailable(
                message(
                    "no-tokenizer",
                    "{folder} has no usable tokenizer ({problem}); fetch tokenizer.json again",
                    folder=folder,
                    problem=reason,
                )
            ) from problem
        self.lead: list[int] = []
        # Files carry the truncation and padding of their training; here windows do that work.
        self._backend.no_truncation()
        self._backend.no_padding()
        single = self._backend.encode("a")
        pair = self._backend.encode("a", "b")
        parts = pair.sequence_ids
        first, second = parts.index(0), parts.index(1)
        before_second = len(parts) - 1 - parts[::-1].index(0) + 1
        end = len(parts) - parts[::-1].index(1)
        self._before = pair.ids[:first]
        self._between = pair.ids[before_second:second]
        self._after = pair.ids[end:]
        self._types = (pair.type_ids[first], pair.type_ids[second - 1], pair.type_ids[second])
        self._single_after = single.ids[
            len(single.sequence_ids) - single.sequence_ids[::-1].index(0) :
        ]
        self.single_before = len(self._before)
        self.single_extra = len(self._before) + len(self._single_after)
        self.pair_extra = len(self._before) + len(self._between) + len(self._after)

    def ids(self, texts: Sequence[str]) -> list[list[int]]:
        """Tokenize each text whole, without special tokens."""
        batch = self._backend.encode_batch_fast(list(texts), add_special_tokens=False)
        return [encoding.ids for encoding in batch]

    def read(self, question: str, passages: Sequence[str]) -> tuple[list[int], list[list[int]]]:
        """Tokenize a question and its passages: see ``PairTokens``."""
        first, *rest = self.ids([question, *passages])
        return first, rest

    def count(self, text: str) -> int:
        """Count the tokens of the text, without special tokens."""
        return len(self.ids([text])[0])

    def single(self, ids: list[int]) -> Encoded:
        """Put the special tokens around one text."""
        whole = [*self._before, *ids, *self._single_after]
        return Encoded(whole, [self._types[0]] * len(whole))

    def pair(self, first: list[int], second: list[int]) -> Encoded:
        """Put two texts into the layout that the tokenizer gives pairs."""
        head = [*self._before, *first, *self._between]
        tail = [*second, *self._after]
        types = [self._types[0]] * (len(self._before) + len(first))
        types += [self._types[1]] * len(self._between) + [self._types[2]] * len(tail)
        return Encoded(head + tail, types)


def _load(folder: Path) -> tuple[Any, int]:
    """Give the tokenizer and the id that it pads with."""
    if all((folder / name).is_file() for name in ("tokenizer.json", "tokenizer_config.json")):
        from tokenizers import Tokenizer

        # transformers would read the same file, and import torch first: seconds of every start.
        backend = Tokenizer.from_file(str(folder / "tokenizer.json"))
        config = json.loads((folder / "tokenizer_config.json").read_text(encoding="utf-8"))
        pad = config.get("pad_token") or ""
        return backend, backend.token_to_id(pad if isinstance(pad, str) else pad["content"]) or 0
    if (folder / "tokenizer.json").is_file() and not (folder / "config.json").is_file():
        from tokenizers import Tokenizer

        backend = Tokenizer.from_file(str(folder / "tokenizer.json"))
        known = (backend.token_to_id(name) for name in ("[PAD]", "<pad>"))
        return backend, next((pad for pad in known if pad is not None), 0)
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(
        folder, local_files_only=True, trust_remote_code=False
    )
    return tokenizer.backend_tokenizer, tokenizer.pad_token_id or 0


def windows(ids: list[int], size: int, overlap: int) -> list[list[int]]:
    """Cut ids into windows of at most ``size`` that share ``overlap`` ids with the next.

    Every window but the last is ``size`` long; the last one ends with the text.
    Source: BCEmbedding, ``RerankerModel.rerank``.
    """
    if size <= overlap:
        raise ValueError(f"windows of {size} ids cannot overlap by {overlap}")
    cut = [ids[:size]]
    start = 0
    while start + size < len(ids):
        start += size - overlap
        cut.append(ids[start : start + size])
    return cut
