"""A language model that writes many texts at once, from a GGUF file."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch.nn.functional import scaled_dot_product_attention
from transformers import AttentionInterface, AutoTokenizer
from transformers.masking_utils import AttentionMaskInterface, sdpa_mask

from training import gguf_file
from training.encoder import device

_TOGETHER = 600_000  # tokens that are read and written at once on a GPU


@dataclass(frozen=True, slots=True)
class Task:
    """What the model is told to do, and prompts with the answers that it would have given.

    A small model understands an example better than a sentence about it.
    """

    told: str
    shown: tuple[tuple[str, str], ...] = ()

    def messages(self, prompt: str) -> list[dict[str, str]]:
        """Give the conversation that asks for one more answer."""
        found = [{"role": "system", "content": self.told}]
        for asked, answered in self.shown:
            found.append({"role": "user", "content": asked})
            found.append({"role": "assistant", "content": answered})
        return [*found, {"role": "user", "content": prompt}]


class Writer:
    """Answers to prompts, by a model in a GGUF file that its own library unpacks."""

    def __init__(self, file: Path) -> None:
        register()
        self._tokenizer = AutoTokenizer.from_pretrained(
            file.parent, gguf_file=file.name, local_files_only=True, padding_side="left"
        )
        self._model = gguf_file.read(file, "grouped").to(device()).eval()

    @torch.inference_mode()
    def answers(
        self, task: Task, prompts: Sequence[str], *, longest: int
    ) -> Iterator[tuple[int, str]]:
        """Yield the place of each prompt and what is written for it, at most ``longest`` tokens."""
        texts = [self._asked(task.messages(prompt)) for prompt in prompts]
        order = sorted(range(len(texts)), key=lambda place: -len(texts[place]))
        lengths = [len(ids) for ids in self._tokenizer(texts)["input_ids"]]
        while order:
            count = max(1, self._budget() // (max(lengths[one] for one in order[:64]) + longest))
            batch, order = order[:count], order[count:]
            inputs = self._tokenizer(
                [texts[place] for place in batch], return_tensors="pt", padding=True
            ).to(device())
            written = self._model.generate(
                input_ids=inputs["input_ids"],
                attention_mask=inputs["attention_mask"],
                max_new_tokens=longest,
                do_sample=True,
                temperature=0.8,
                top_k=40,
                eos_token_id=self._tokenizer.convert_tokens_to_ids("<|im_end|>"),
                pad_token_id=self._tokenizer.convert_tokens_to_ids("<|endoftext|>"),
            )
            ends = written[:, inputs["input_ids"].shape[1] :]
            decoded = self._tokenizer.batch_decode(ends, skip_special_tokens=True)
            yield from zip(batch, decoded, strict=True)

    def _asked(self, messages: list[dict[str, str]]) -> str:
        return str(
            self._tokenizer.apply_chat_template(
                messages, add_generation_prompt=True, tokenize=False
            )
        )

    def _budget(self) -> int:
        return _TOGETHER if device().type == "cuda" else 8_000


def register() -> None:
    """Let models take "grouped" for their attention."""
    AttentionInterface.register("grouped", _grouped)
    AttentionMaskInterface.register("grouped", sdpa_mask)


def _grouped(
    module: Any,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: torch.Tensor | None,
    scaling: float | None = None,
    **_: Any,
) -> tuple[torch.Tensor, None]:
    """Let the heads that share keys read them once: copied for each head they take the time."""
    many, heads, asked, width = query.shape
    shared = key.shape[1]
    scale = scaling or 1 / math.sqrt(width)
    if asked > 1:
        repeated = heads // shared
        found = scaled_dot_product_attention(
            query,
            key.repeat_interleave(repeated, 1),
            value.repeat_interleave(repeated, 1),
            attn_mask=attention_mask,
            is_causal=attention_mask is None,
            scale=scale,
        )
        return found.transpose(1, 2).contiguous(), None
    grouped = query.reshape(many, shared, heads // shared, width)
    products = grouped @ key.transpose(2, 3) * scale
    if attention_mask is not None:
        products = products.masked_fill(~attention_mask[..., : key.shape[2]], -math.inf)
    found = products.float().softmax(-1).to(value.dtype) @ value
    return found.reshape(many, 1, heads, width), None
