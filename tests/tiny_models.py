"""Models of a few thousand weights, made on the spot: real architectures, random numbers.

The same arguments give the same tokenizer and the same weights with every release of the
libraries: the vocabulary is counted, not trained, and the numbers come from a frozen generator.
"""

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
from tokenizers import AddedToken, Tokenizer, models, normalizers, pre_tokenizers, processors

Family = Literal["bert", "xlm-roberta", "mpnet", "t5"]
Kind = Literal["embedder", "reranker"]

# What the vocabulary is counted from; other texts are read character by character.
TEXTS = (
    "The ferry leaves the harbour at nine. A ticket costs five crowns, children travel free.",
    "In a fire the crew rings the bell; the engine room is closed and nobody may go in.",
    "query: When does the ferry leave? passage: Refunds are paid within ten days.",
    "Represent this sentence for searching relevant passages: how long is the notice period",
    "渡轮九点离开港口。票价五克朗，儿童免费。发生火灾时船员敲钟，轮机舱关闭，任何人不得进入。",
    "为这个句子生成表示以用于检索相关文章：退款在十天内支付。我在公司干了六年，一年能休几天年假？",
)

_SPECIAL = {
    "bert": ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"),
    "xlm-roberta": ("<s>", "<pad>", "</s>", "<unk>", "<mask>"),
    "mpnet": ("<s>", "<pad>", "</s>", "<unk>", "<mask>"),
    "t5": ("<pad>", "</s>", "<unk>"),
}


def tiny_model(
    folder: Path, family: Family = "bert", kind: Kind = "embedder", *, seed: int = 0, **changes: Any
) -> Path:
    """Write a model folder with tokenizer and safetensors, and give it.

    ``changes`` go into the configuration. BERT reads 512 tokens, XLM-R and MPNet 512 of their 514
    positions, T5 any number.
    """
    import torch
    import transformers

    folder.mkdir(parents=True, exist_ok=True)
    vocabulary = _write_tokenizer(folder, family)
    config = transformers.AutoConfig.for_model(
        family, **({"vocab_size": vocabulary} | _shape(family) | changes)
    )
    if kind == "reranker":
        model = transformers.AutoModelForSequenceClassification.from_config(config)
    elif family == "t5":
        model = transformers.T5EncoderModel(config)
    else:
        model = transformers.AutoModel.from_config(config)
    numbers = np.random.RandomState(seed)
    with torch.no_grad():
        for name, weights in sorted(model.named_parameters()):
            drawn = numbers.normal(0, 0.2, tuple(weights.shape))
            # A norm scales by about one.
            centre = 1 if "norm" in name.lower() and name.endswith("weight") else 0
            weights.copy_(torch.from_numpy(centre + drawn))
    model.save_pretrained(folder)
    return folder


def sentence_transformers_layout(
    folder: Path,
    *,
    pooling: str | Mapping[str, Any] = "mean",
    max_tokens: int | None = None,
    prompts: Mapping[str, str] | None = None,
    default_prompt: str | None = None,
    dense: Sequence[int] = (),
    activation: str = "torch.nn.modules.linear.Identity",
    width: int = 32,
) -> Path:
    """Write beside a model what sentence-transformers keeps there, and give the folder.

    ``pooling`` is a mode, or the whole content of its file; ``dense`` are the widths of layers
    after the pooling.
    """
    modes = {"cls": "pooling_mode_cls_token", "mean": "pooling_mode_mean_tokens"}
    if isinstance(pooling, str):
        pooling = {mode: name == pooling for name, mode in modes.items()}
    _write(folder / "1_Pooling" / "config.json", {"word_embedding_dimension": width, **pooling})
    kinds = ["Transformer", "Pooling", *["Dense" for _ in dense], "Normalize"]
    paths = ["", *[f"{place}_{kind}" for place, kind in enumerate(kinds) if place]]
    library = "sentence_transformers.models"
    modules = [
        {"idx": place, "name": str(place), "path": path, "type": f"{library}.{kind}"}
        for place, (kind, path) in enumerate(zip(kinds, paths, strict=True))
    ]
    _write(folder / "modules.json", modules)
    lengths = {"max_seq_length": max_tokens, "do_lower_case": False}
    _write(folder / "sentence_bert_config.json", lengths)
    if prompts is not None:
        declared = {"prompts": prompts, "default_prompt_name": default_prompt}
        _write(folder / "config_sentence_transformers.json", declared)
    for place, size in enumerate(dense, start=2):
        _write_dense(folder / f"{place}_Dense", width, size, activation, seed=place)
        width = size
    return folder


def to_pickle(folder: Path) -> Path:
    """Turn the weights of a model folder into the pickle that older models ship as."""
    import torch
    from safetensors.torch import load_file

    weights = folder / "model.safetensors"
    torch.save(load_file(weights), folder / "pytorch_model.bin")
    weights.unlink()
    return folder


def to_eight_bits(folder: Path) -> Path:
    """Pack the weights of a model folder as those of the starter pair are."""
    from safetensors.torch import load_file

    from bifolio.retrieval.models import eight_bits

    eight_bits.write(load_file(folder / "model.safetensors"), folder / "model.safetensors")
    return folder


def to_shards(folder: Path) -> Path:
    """Share the weights of an embedder between several files of safetensors."""
    import transformers

    model = transformers.AutoModel.from_pretrained(folder)
    (folder / "model.safetensors").unlink()
    model.save_pretrained(folder, max_shard_size="40KB")
    return folder


def _shape(family: Family) -> dict[str, Any]:
    if family == "t5":
        sizes = {"d_model": 32, "d_kv": 8, "d_ff": 64, "num_layers": 2, "num_heads": 4}
        return {**sizes, "decoder_start_token_id": 0}
    shape: dict[str, Any] = {
        "hidden_size": 32,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "intermediate_size": 64,
        "num_labels": 1,
    }
    if family == "bert":
        return shape | {"max_position_embeddings": 512, "pad_token_id": 0}
    special = {"pad_token_id": 1, "bos_token_id": 0, "eos_token_id": 2}
    return shape | special | {"max_position_embeddings": 514, "type_vocab_size": 1}


def _write_tokenizer(folder: Path, family: Family) -> int:
    special = _SPECIAL[family]
    words = Counter(re.findall(r"[a-z]+", " ".join(TEXTS).lower()))
    characters = sorted({*"".join(TEXTS).lower(), *map(chr, range(33, 127))} - {" "})
    if family == "bert":
        # Chinese characters are words of their own here.
        pieces = [*special, *characters, *[f"##{one}" for one in characters], *sorted(words)]
        known = {piece: place for place, piece in enumerate(dict.fromkeys(pieces))}
        backend = Tokenizer(models.WordPiece(known, unk_token="[UNK]"))
        backend.normalizer = normalizers.BertNormalizer(lowercase=True)
        backend.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    else:
        scores = dict.fromkeys(special, 0.0) | {"▁": -3.0}
        scores |= dict.fromkeys(characters, -6.0)
        scores |= {f"▁{word}": -4.0 + min(count, 4) / 4 for word, count in sorted(words.items())}
        unknown = special.index("<unk>")
        backend = Tokenizer(models.Unigram(list(scores.items()), unk_id=unknown))
        backend.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Lowercase()])
        backend.pre_tokenizer = pre_tokenizers.Metaspace()
    backend.add_special_tokens([AddedToken(token, special=True) for token in special])
    backend.post_processor = _layout(backend, family)
    backend.save(str(folder / "tokenizer.json"))
    _write(folder / "tokenizer_config.json", _names(special, family))
    return backend.get_vocab_size()


def _layout(backend: Tokenizer, family: Family) -> processors.TemplateProcessing:
    single, pair = {
        "bert": ("[CLS] $A [SEP]", "[CLS] $A [SEP] $B:1 [SEP]:1"),
        "t5": ("$A </s>", "$A </s> $B </s>"),
    }.get(family, ("<s> $A </s>", "<s> $A </s> </s> $B </s>"))
    used = [(token, backend.token_to_id(token)) for token in _SPECIAL[family]]
    return processors.TemplateProcessing(single=single, pair=pair, special_tokens=used)


def _names(special: Sequence[str], family: Family) -> dict[str, Any]:
    inputs = ["input_ids", "attention_mask"]
    if family == "bert":
        roles = {"cls_token": "[CLS]", "sep_token": "[SEP]", "mask_token": "[MASK]"}
        inputs.insert(1, "token_type_ids")
    else:
        roles = {"eos_token": "</s>"}
        if "<s>" in special:
            roles |= {"bos_token": "<s>", "cls_token": "<s>", "sep_token": "</s>"}
    pad = next(token for token in special if "pad" in token.lower())
    unknown = next(token for token in special if "unk" in token.lower())
    return {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "model_max_length": 512,
        "model_input_names": inputs,
        "pad_token": pad,
        "unk_token": unknown,
        **roles,
    }


def _write_dense(folder: Path, inside: int, out: int, activation: str, *, seed: int) -> None:
    from safetensors.numpy import save_file

    shape = {"in_features": inside, "out_features": out, "bias": True}
    _write(folder / "config.json", shape | {"activation_function": activation})
    numbers = np.random.RandomState(seed)
    weights = {
        "linear.weight": numbers.normal(0, 0.2, (out, inside)).astype(np.float32),
        "linear.bias": numbers.normal(0, 0.2, out).astype(np.float32),
    }
    save_file(weights, folder / "model.safetensors")


def _write(file: Path, content: object) -> None:
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
