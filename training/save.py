"""Model folders as the application loads them."""

import json
import shutil
from pathlib import Path
from typing import Any

from bifolio.retrieval.models import eight_bits
from bifolio.retrieval.models.saving import write_layout
from training.encoder import PASSAGE, QUERY

_LONGEST = 512
_TOKENIZER = {
    "tokenizer_class": "PreTrainedTokenizerFast",
    "model_max_length": _LONGEST,
    "model_input_names": ["input_ids", "token_type_ids", "attention_mask"],
    "bos_token": "<s>",
    "cls_token": "<s>",
    "eos_token": "</s>",
    "sep_token": "</s>",
    "pad_token": "<pad>",
    "unk_token": "<unk>",
    "mask_token": "<mask>",
}


def save_embedder(model: Any, source: Path, out: Path, *, packed: bool = False) -> None:
    """Write an embedder with the tokenizer of ``source``, in sentence-transformers layout.

    ``packed`` writes the weights in eight bits a row.
    """
    _save(model, source, out, packed=packed)
    write_layout(out, pooling="mean", prompts=(QUERY, PASSAGE), max_tokens=_LONGEST)


def save_reranker(model: Any, source: Path, out: Path, *, packed: bool = False) -> None:
    """Write a cross-encoder with the tokenizer of ``source``."""
    _save(model, source, out, packed=packed)


def _save(model: Any, source: Path, out: Path, *, packed: bool) -> None:
    out.mkdir(parents=True, exist_ok=True)
    if packed:
        model.config.save_pretrained(out)
        eight_bits.write(model.state_dict(), out / "model.safetensors")
    else:
        model.save_pretrained(out)
    if source.resolve() != out.resolve():
        shutil.copyfile(source / "tokenizer.json", out / "tokenizer.json")
    text = json.dumps(_TOKENIZER, indent=2) + "\n"
    (out / "tokenizer_config.json").write_text(text, encoding="utf-8")
