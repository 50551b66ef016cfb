"""A model of the size of XLM-R base with random weights, which every library can load.

Speed does not depend on what the weights are; what they answer means nothing.
"""

import json
import os
import tempfile
from pathlib import Path
from typing import Any, Literal

from filelock import FileLock
from samples import sentences

Kind = Literal["embedder", "reranker"]

MAX_TOKENS = 512
# Raise it when the folders would be written differently.
_EDITION = 1
_SPECIAL = {
    "bos_token": "<s>",
    "pad_token": "<pad>",
    "eos_token": "</s>",
    "unk_token": "<unk>",
    "mask_token": "<mask>",
}


def scratch() -> Path:
    """Give the folder where the benches keep what takes long to make."""
    folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "bifolio-bench"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def random_model(kind: Kind) -> Path:
    """Give the model's folder, 1.1 GB, and write it where it is missing."""
    place = scratch() / f"xlm-roberta-base-{kind}-{_EDITION}"
    with FileLock(f"{place}.lock"):
        if not place.is_dir():
            with tempfile.TemporaryDirectory(dir=place.parent) as folder:
                written = Path(folder) / "model"
                _write_model(kind, written)
                _write_tokenizer(written)
                _write_layout(written)
                written.rename(place)
    return place


def _write_model(kind: Kind, folder: Path) -> None:
    import torch
    from transformers import XLMRobertaConfig, XLMRobertaForSequenceClassification, XLMRobertaModel
    from transformers.utils import logging

    logging.disable_progress_bar()
    config = XLMRobertaConfig(
        vocab_size=250002,
        max_position_embeddings=MAX_TOKENS + 2,
        type_vocab_size=1,
        layer_norm_eps=1e-5,
        num_labels=1,  # type: ignore[call-arg]
        pad_token_id=1,
        bos_token_id=0,
        eos_token_id=2,
    )
    torch.manual_seed(0)
    model: Any = XLMRobertaForSequenceClassification if kind == "reranker" else XLMRobertaModel
    model(config).save_pretrained(folder)


def _write_tokenizer(folder: Path) -> None:
    """Train one of a few thousand pieces: the numbers after them stand for pieces never seen."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers

    tokenizer: Any = Tokenizer(models.Unigram())
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    special = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
    trainer: Any = trainers.UnigramTrainer(
        vocab_size=8000, special_tokens=special, unk_token="<unk>", show_progress=False
    )
    texts = sentences()
    tokenizer.train_from_iterator([*texts["en"], *texts["zh"]], trainer)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>",
        pair="<s> $A </s> </s> $B </s>",
        special_tokens=[("<s>", 0), ("</s>", 2)],
    )
    # As written before tokenizers 0.19, which BCEmbedding needs and later ones still read.
    words = {"type": "Metaspace", "replacement": "▁", "add_prefix_space": True}
    written = {**json.loads(tokenizer.to_str()), "pre_tokenizer": words, "decoder": words}
    _write_json(folder / "tokenizer.json", written)
    config = {
        "tokenizer_class": "XLMRobertaTokenizer",
        "model_max_length": MAX_TOKENS,
        "cls_token": "<s>",
        "sep_token": "</s>",
        **_SPECIAL,
    }
    _write_json(folder / "tokenizer_config.json", config)


def _write_layout(folder: Path) -> None:
    """Say in the layout of sentence-transformers that the first token's vector is meant."""
    kinds = {"": "Transformer", "1_Pooling": "Pooling", "2_Normalize": "Normalize"}
    modules = [
        {
            "idx": place,
            "name": str(place),
            "path": path,
            "type": f"sentence_transformers.models.{name}",
        }
        for place, (path, name) in enumerate(kinds.items())
    ]
    _write_json(folder / "modules.json", modules)
    (folder / "2_Normalize").mkdir()
    (folder / "1_Pooling").mkdir()
    pooling = {"word_embedding_dimension": 768, "pooling_mode_cls_token": True}
    _write_json(folder / "1_Pooling/config.json", {**pooling, "pooling_mode_mean_tokens": False})
    limits = {"max_seq_length": MAX_TOKENS, "do_lower_case": False}
    _write_json(folder / "sentence_bert_config.json", limits)


def _write_json(file: Path, content: object) -> None:
    file.write_text(json.dumps(content, indent=2), encoding="utf-8")
