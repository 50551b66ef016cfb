"""Mined groups as token ids: what the tuning and the cross-encoder read."""

from collections.abc import Sequence
from pathlib import Path

from training.batches import Texts, tokenizer_of
from training.data import rows


class Groups:
    """The groups of a folder that ``training.mine`` wrote.

    ``rows`` are its lines; ``questions`` are their token ids, and ``passages`` those of all
    passages, each cut at so many tokens, behind ``prefixes`` of the two. Of ``kinds`` only those
    groups are taken, where any are named.
    """

    def __init__(
        self,
        model: Path,
        folder: Path,
        *,
        question: int,
        passage: int,
        prefixes: tuple[str, str] = ("", ""),
        kinds: Sequence[str] = (),
    ) -> None:
        tokenizer = tokenizer_of(model)
        before_question, before_passage = prefixes
        every = rows(folder / "groups.jsonl.gz")
        self.rows = [group for group in every if not kinds or group["kind"] in kinds]
        asked = [before_question + group["question"] for group in self.rows]
        self.questions = Texts(tokenizer, asked, question).rows
        texts = [before_passage + row["text"] for row in rows(folder / "passages.jsonl.gz")]
        self.passages = Texts(tokenizer, texts, passage).rows
