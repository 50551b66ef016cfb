"""A language model as a reranker: asked whether a passage answers a question, it says Yes or No.

Source: FlagEmbedding, ``FlagLLMReranker``: the layout, and the logit of "Yes" as the score.
"""

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bifolio.retrieval.arrays import Floats, Ids
from bifolio.retrieval.models.engine import Engine
from bifolio.retrieval.models.recipe import Prompt
from bifolio.retrieval.models.tokens import Encoded, Tokens
from bifolio.retrieval.models.torch_engine import TorchEngine


class Decoder:
    """The tokenizer and the engine of a language model's folder, each loaded when first needed."""

    def __init__(self, folder: Path, prompt: Prompt) -> None:
        self._folder = folder
        self._prompt = prompt

    @cached_property
    def tokens(self) -> "PromptTokens":
        """The tokenizer, which lays out the prompt."""
        return PromptTokens(Tokens(self._folder), self._prompt)

    @property
    def is_loaded(self) -> bool:
        """Whether the engine was needed before."""
        return "engine" in vars(self)

    @cached_property
    def engine(self) -> Engine:
        """What runs the model."""
        return DecoderEngine(self._folder, answer=self.tokens.answer)


class PromptTokens:
    """Lays out question, passage and instruction: see ``PairTokens``.

    ``answer`` is the id of the token whose logit is the score's. ``spare`` is how many ids more the
    two texts may have together than each alone, where the instruction is not counted.
    """

    def __init__(self, tokens: Tokens, prompt: Prompt) -> None:
        self._tokens = tokens
        self._prompt = prompt
        parts = ["\n", prompt.passage_mark.rstrip(), prompt.instruction, prompt.answer]
        self._line, self.lead, instruction, answer = tokens.ids(parts)
        self._before = tokens.single([]).ids[: tokens.single_before]
        self._after = self._line + instruction
        self.answer = answer[0]
        self.spare = len(instruction) - len(self._before)
        self.pad = tokens.pad
        self.pair_extra = sum(map(len, (self._before, self._line, self.lead, self._after)))

    def read(self, question: str, passages: Sequence[str]) -> tuple[list[int], list[list[int]]]:
        """Tokenize the question and the passages, each behind its mark."""
        marked = [self._prompt.passage_mark + passage for passage in passages]
        return self._tokens.read(self._prompt.question_mark + question, marked)

    def pair(self, first: list[int], second: list[int]) -> Encoded:
        """Lay out a question and a window of a passage."""
        ids = [*self._before, *first, *self._line, *second, *self._after]
        return Encoded(ids, [0] * len(ids))


class DecoderEngine(TorchEngine):
    """A causal language model of ``transformers``, on the GPU if there is one: see ``Engine``.

    ``run`` gives the logit of ``answer`` as the next token: float32 of shape (rows, 1).

    Raises:
        ModelUnavailable: the folder's weights are missing, damaged, or of another kind of model.
    """

    def __init__(self, folder: Path, *, answer: int) -> None:
        super().__init__(folder, "decoder")
        self._answer = answer

    def run(self, ids: Ids, mask: Ids, types: Ids, weights: Floats | None = None) -> Floats:
        """Run the model over one batch; neither ``types`` nor ``weights`` count for a decoder."""
        # With the padding in front, the last position is every row's last token.
        inputs = {"input_ids": _shifted(ids, mask), "attention_mask": _shifted(mask, mask)}
        inputs["position_ids"] = np.maximum(inputs["attention_mask"].cumsum(axis=1) - 1, 0)
        with self._torch.inference_mode():
            tensors = {
                name: self._torch.from_numpy(value).to(self._device)
                for name, value in inputs.items()
            }
            logits = self._model(**tensors, logits_to_keep=1, use_cache=False).logits
        result: Floats = logits[:, -1, [self._answer]].float().cpu().numpy()
        return result


def _shifted(rows: NDArray[np.int64], mask: Ids) -> NDArray[np.int64]:
    """Move the padding of each row from its end to its start."""
    width = mask.shape[1]
    columns = (np.arange(width) + mask.sum(axis=1, keepdims=True)) % width
    return np.take_along_axis(rows, columns, axis=1)
