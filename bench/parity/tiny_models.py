"""Make the tiny models of tests/parity, whose very bytes both sides read.

    python bench/parity/tiny_models.py

Random weights from a fixed seed, tokenizers trained on the sample documents, the layouts of XLM-R,
BERT and Gemma. Each folder but Gemma's is an encoder and, with a head of one logit, a classifier.
They are committed: make them anew only together with all golden files (golden.py).
"""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import torch
from tokenizers import (
    Regex,
    Tokenizer,
    decoders,
    models,
    normalizers,
    pre_tokenizers,
    processors,
    trainers,
)
from transformers import (
    BertConfig,
    BertForSequenceClassification,
    GemmaConfig,
    GemmaForCausalLM,
    PreTrainedModel,
    XLMRobertaConfig,
    XLMRobertaForSequenceClassification,
)

_TESTS = Path(__file__).resolve().parent.parent.parent / "tests"
FOLDER = _TESTS / "parity/models"
_VOCABULARY = 460
_ALPHABET = 230
# Ordinary initial weights are so small that all scores and vectors come out alike.
_SPREAD = 0.6
_SMALL = {
    "hidden_size": 16,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 32,
    "initializer_range": _SPREAD,
}


def main() -> None:
    """Write the three folders."""
    texts = [
        line
        for file in sorted((_TESTS / "sample_docs/sources").glob("*.txt"))
        for line in file.read_text(encoding="utf-8").splitlines()
    ]
    texts = _common(texts)
    _xlm_roberta(FOLDER / "xlm-r", texts)
    _bert(FOLDER / "bert", texts)
    _gemma(FOLDER / "gemma", texts)


def _common(texts: list[str]) -> list[str]:
    """Leave out rare characters: the Chinese texts have too many for a small vocabulary."""
    counts = Counter(character for text in texts for character in text)
    kept = {character for character, _ in counts.most_common(_ALPHABET)}
    return ["".join(letter if letter in kept else " " for letter in text) for text in texts]


def _xlm_roberta(folder: Path, texts: list[str]) -> None:
    special = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.Nmt(), normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " ")]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace()]
    )
    tokenizer.decoder = decoders.Metaspace()
    trainer = trainers.UnigramTrainer(
        vocab_size=_VOCABULARY, special_tokens=special, unk_token="<unk>", show_progress=False
    )
    tokenizer.train_from_iterator(texts, trainer)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>",
        pair="<s> $A </s> </s> $B </s>",
        special_tokens=[("<s>", 0), ("</s>", 2)],
    )
    config = XLMRobertaConfig(
        vocab_size=tokenizer.get_vocab_size(),
        max_position_embeddings=514,
        type_vocab_size=1,
        pad_token_id=1,
        num_labels=1,
        **_SMALL,
    )
    _save(folder, tokenizer, special, XLMRobertaForSequenceClassification, config)


def _bert(folder: Path, texts: list[str]) -> None:
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    trainer = trainers.WordPieceTrainer(
        vocab_size=_VOCABULARY, special_tokens=special, show_progress=False
    )
    tokenizer.train_from_iterator(texts, trainer)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[("[CLS]", 2), ("[SEP]", 3)],
    )
    config = BertConfig(vocab_size=tokenizer.get_vocab_size(), num_labels=1, **_SMALL)
    _save(folder, tokenizer, special, BertForSequenceClassification, config)


def _gemma(folder: Path, texts: list[str]) -> None:
    special = ["<pad>", "<eos>", "<bos>", "<unk>"]
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>", byte_fallback=True, fuse_unk=True))
    tokenizer.normalizer = normalizers.Replace(" ", "▁")
    tokenizer.pre_tokenizer = pre_tokenizers.Split(" ", "merged_with_previous")
    tokenizer.decoder = decoders.Sequence([decoders.Replace("▁", " "), decoders.ByteFallback()])
    pieces = [f"<0x{byte:02X}>" for byte in range(256)]
    trainer = trainers.BpeTrainer(
        vocab_size=256 + _VOCABULARY // 2,
        limit_alphabet=100,
        special_tokens=special + pieces,
        show_progress=False,
    )
    tokenizer.train_from_iterator([*texts, "A: B: Yes No"], trainer)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<bos> $A", pair="<bos> $A <bos>:1 $B:1", special_tokens=[("<bos>", 2)]
    )
    config = GemmaConfig(
        vocab_size=tokenizer.get_vocab_size(), num_key_value_heads=1, head_dim=8, **_SMALL
    )
    _save(folder, tokenizer, special, GemmaForCausalLM, config)


def _save(
    folder: Path, tokenizer: Tokenizer, special: list[str], kind: type[PreTrainedModel], config: Any
) -> None:
    torch.manual_seed(0)
    model = kind(config)
    with torch.no_grad():
        for weights in model.parameters():
            # Norms and biases start at 1 and 0, where an error would not show.
            if weights.dim() == 1:
                weights += 0.1 * torch.randn_like(weights)
    model.save_pretrained(folder)
    (folder / "generation_config.json").unlink(missing_ok=True)
    written = json.loads(tokenizer.to_str())
    # tokenizers before 0.19 ask for it, as in the files of XLM-R's own hub page.
    for part in (written["pre_tokenizer"], *written["pre_tokenizer"].get("pretokenizers", ())):
        if part["type"] == "Metaspace":
            part["add_prefix_space"] = True
    if written["decoder"]["type"] == "Metaspace":
        written["decoder"]["add_prefix_space"] = True
    _write(folder / "tokenizer.json", written)
    _write(folder / "tokenizer_config.json", _tokenizer_config(special))


def _tokenizer_config(special: list[str]) -> dict[str, Any]:
    roles = {
        "<s>": ("bos_token", "cls_token"),
        "</s>": ("eos_token", "sep_token"),
        "[CLS]": ("cls_token",),
        "[SEP]": ("sep_token",),
        "<bos>": ("bos_token",),
        "<eos>": ("eos_token",),
    }
    config: dict[str, Any] = {
        # Read as it is by every version of transformers.
        "tokenizer_class": "PreTrainedTokenizerFast",
        "model_max_length": 512,
        "model_input_names": ["input_ids", "attention_mask"],
        "padding_side": "left" if "<bos>" in special else "right",
    }
    if "[CLS]" in special:
        config["model_input_names"].insert(1, "token_type_ids")
    for token in special:
        for role in roles.get(token, (f"{token.strip('<[]>').lower()}_token",)):
            config[role] = token
    return config


def _write(file: Path, content: dict[str, Any]) -> None:
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    file.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
