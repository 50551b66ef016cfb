"""Model folders as the application loads them."""

import json
import shutil
from pathlib import Path
from typing import Any

_MODULES = (("", "Transformer"), ("1_Pooling", "Pooling"), ("2_Normalize", "Normalize"))


def save_embedder(model: Any, source: Path, out: Path, *, half: bool = False) -> None:
    """Write an embedder with the tokenizer of ``source``, in sentence-transformers layout."""
    _save(model, source, out, half=half)
    pooling = {
        "word_embedding_dimension": model.config.hidden_size,
        "pooling_mode_cls_token": False,
        "pooling_mode_mean_tokens": True,
    }
    (out / "1_Pooling").mkdir(exist_ok=True)
    _write(out / "1_Pooling" / "config.json", pooling)
    layout = [
        {
            "idx": place,
            "name": str(place),
            "path": path,
            "type": f"sentence_transformers.models.{kind}",
        }
        for place, (path, kind) in enumerate(_MODULES)
    ]
    _write(out / "modules.json", layout)
    _write(out / "sentence_bert_config.json", {"max_seq_length": 512, "do_lower_case": False})


def save_reranker(model: Any, source: Path, out: Path, *, half: bool = False) -> None:
    """Write a cross-encoder with the tokenizer of ``source``."""
    _save(model, source, out, half=half)


def _save(model: Any, source: Path, out: Path, *, half: bool) -> None:
    out.mkdir(parents=True, exist_ok=True)
    if half:
        model.half()
    model.save_pretrained(out)
    if source.resolve() != out.resolve():
        for name in ("tokenizer.json", "tokenizer_config.json"):
            shutil.copy(source / name, out)


def _write(file: Path, content: Any) -> None:
    file.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
