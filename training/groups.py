"""Mined groups as token ids: what the tuning and the cross-encoder read."""

from pathlib import Path

from training.batches import Texts, tokenizer_of
from training.data import rows


class Groups:
    """The groups of a folder that ``training.mine`` wrote.

    ``rows`` are its lines; ``questions`` are their token ids, and ``passages`` those of all
    passages, each cut at so many tokens.
    """

    def __init__(self, model: Path, folder: Path, *, question: int, passage: int) -> None:
        tokenizer = tokenizer_of(model)
        self.rows = list(rows(folder / "groups.jsonl.gz"))
        asked = [group["question"] for group in self.rows]
        self.questions = Texts(tokenizer, asked, question).rows
        texts = [row["text"] for row in rows(folder / "passages.jsonl.gz")]
        self.passages = Texts(tokenizer, texts, passage).rows
