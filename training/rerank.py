"""Stage 4: the cross-encoder, from an embedder.

    python -m training.rerank --init .training/tuned --groups .training/groups-2 \
        --out .training/reranker --layers 6
"""

import argparse
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy
from transformers import BertForSequenceClassification

from training.batches import Batches, Row, Texts, longest_first, padded, tokenizer_of
from training.encoder import Floats, device, products, read_model
from training.figures import log_figures
from training.groups import Groups
from training.loop import Plan, optimizer_for, run
from training.save import save_reranker
from training.teacher import Teacher

_QUESTION, _WHOLE = 128, 512  # tokens at most
# A question without its passage must score low everywhere: one in so many groups has none.
_UNANSWERABLE = 6
_CHUNK = 420  # tokens


class Reading:
    """The loss of a batch of groups: rank the right passage first, and score it as right.

    A chunk holds more than what answers: in every other two groups others that do not answer stand
    before and behind each passage, up to a length of the group's own, at most ``cut`` tokens.
    Longer passages are cut, and groups whose right one is longer are left out, for what answers may
    stand at its end.
    """

    def __init__(
        self,
        model: Any,
        folder: Path,
        groups: Path,
        *,
        candidates: int,
        foreign: int = 2,
        cut: int = _CHUNK,
        kinds: Sequence[str] = (),
        teacher: Teacher | None = None,
    ) -> None:
        self._model, self._teacher = model, teacher
        self._tokenizer = tokenizer_of(folder)
        self._candidates = candidates
        self._foreign = foreign
        self._cut = cut
        every = Groups(folder, groups, question=_QUESTION, passage=_WHOLE, kinds=kinds)
        self._passages = every.passages
        self._groups, self._questions = [], []
        for group, question in zip(every.rows, every.questions, strict=True):
            if len(self._passages[group["positive"]]) <= cut:
                self._groups.append(group)
                self._questions.append(question)

    def lengths(self) -> NDArray[np.int64]:
        """Count the tokens that each group brings."""
        found = [
            sum(len(asked) + len(self._text(one, place, 0)) for one in self._read(group, 0))
            for place, (asked, group) in enumerate(zip(self._questions, self._groups, strict=True))
        ]
        return np.array(found)

    def loss(self, places: Sequence[int], turn: int) -> torch.Tensor:
        """List-wise and point-wise; ``turn`` chooses the negatives and the unanswerable ones."""
        pairs: list[tuple[Row, int]] = []
        answered: list[bool] = []
        taught: list[Floats] = []
        for place in places:
            group = self._groups[place]
            missing = (place + turn) % _UNANSWERABLE == 0
            passages = self._read(group, turn)
            if missing:
                passages = [*passages[1:], self._spare(group, turn)]
            texts = [self._text(passage, place, turn) for passage in passages]
            pairs += [_pair(self._questions[place], text) for text in texts]
            answered.append(not missing)
            if self._teacher is not None:
                read = self._tokenizer.decode_batch([text.tolist() for text in texts])
                taught.append(self._teacher.logits(group, passages, read))
        # Pairs of one length together: what is padded costs, small batches don't on a CPU.
        tokens = 32_768 if device().type == "cuda" else 2048
        shape = len(places), self._candidates
        scores = logits(self._model, pairs, tokens=tokens).view(shape)
        known = torch.tensor(answered, device=scores.device)
        labels = torch.zeros_like(scores)
        labels[:, 0] = known.float()
        ranks = labels.clone()
        if taught:
            told = torch.from_numpy(np.stack(taught)).to(scores.device)
            # What the teacher takes for right may be so; and what it finds nearly so is worth more.
            labels = (labels + told.sigmoid()) / 2
            ranks = (ranks + told.softmax(1)) / 2
        weight = torch.tensor(2.0, device=scores.device)
        points = binary_cross_entropy_with_logits(scores, labels, pos_weight=weight)
        lists = cross_entropy(scores, ranks, reduction="none")
        total: torch.Tensor = (lists * known).sum() / known.sum().clamp(min=1) + 0.5 * points
        return total

    def _read(self, group: dict[str, Any], turn: int) -> list[int]:
        """Give the right passage, and some of the wrong ones, of both languages where it can."""
        wrong, foreign = group["negatives"], group["foreign"]
        strange = min(len(foreign), self._foreign)
        own = self._candidates - 1 - strange
        return [
            group["positive"],
            *(wrong[(turn * own + step) % len(wrong)] for step in range(own)),
            *(foreign[(turn * strange + step) % len(foreign)] for step in range(strange)),
        ]

    def _text(self, passage: int, place: int, turn: int) -> Row:
        """Give the ids of a passage among others that don't answer the group's question."""
        group = self._groups[place]
        own = _cut(self._passages[passage], self._cut)
        others = group["foreign"] if passage in group["foreign"] else group["negatives"]
        first = (place + passage + turn) % max(1, len(others))
        # Primes: lengths, and what stands first, are as if drawn, and the same in every run. By
        # twos, so that of the unanswerable ones, each sixth, half are long too.
        room = (7919 * place % self._cut if place // 2 % 2 else 0) - len(own)
        parts = [own[1:-1]]
        for other in [*others[first:], *others[:first]]:
            if room > 0 and other != passage:
                parts.append(self._passages[other][1:-1][:room])
                room -= len(parts[-1])
        first = (31 * place + 17 * passage) % len(parts)
        return np.concatenate([own[:1], *parts[first:], *parts[:first], own[-1:]])

    def _spare(self, group: dict[str, Any], turn: int) -> int:
        """Give one more wrong passage, for a question whose right one is taken away."""
        wrong: list[int] = group["negatives"]
        return wrong[(turn * self._candidates + self._candidates) % len(wrong)]


def _cut(row: Row, longest: int) -> Row:
    """Cut ids, but for the last, which ends a text."""
    return row if len(row) <= longest else np.append(row[: longest - 1], row[-1])


def _pair(question: Row, passage: Row) -> tuple[Row, int]:
    """Join two encoded texts as BERT does, the passage cut; and say where the passage begins."""
    # The first id of a passage begins a text; here the question does.
    body = _cut(passage, _WHOLE - len(question) + 1)[1:]
    return np.concatenate([question, body]), len(question)


def logits(model: Any, pairs: Sequence[tuple[Row, int]], *, tokens: int) -> torch.Tensor:
    """Give the logit of each pair, float32 of shape (pairs,), reading so many tokens at once."""
    found, order = [], []
    with products():  # around them all, so that the weights are rounded once
        for batch in longest_first([row for row, _ in pairs], tokens):
            rows, begins = zip(*(pairs[place] for place in batch), strict=True)
            found.append(model(**padded(rows, device(), begins)).logits.float()[:, 0])
            order += batch
    return torch.cat(found)[torch.tensor(order).argsort()]


@lru_cache(maxsize=1)
def _loaded(folder: Path) -> Any:
    return load(folder).eval()


@torch.inference_mode()
def score(folder: Path, pairs: Sequence[tuple[str, str]]) -> Floats:
    """Give the logit of each question and passage, in the caller's order."""
    tokenizer = tokenizer_of(folder)
    asked = Texts(tokenizer, [question for question, _ in pairs], _QUESTION).rows
    read = Texts(tokenizer, [passage for _, passage in pairs], _WHOLE).rows
    joined = [_pair(*both) for both in zip(asked, read, strict=True)]
    budget = 131_072 if device().type == "cuda" else 4096
    found: Floats = logits(_loaded(folder), joined, tokens=budget).cpu().numpy()
    return found


def load(folder: Path, layers: int | None = None) -> Any:
    """Load a cross-encoder, or an embedder with a new head, onto the device.

    With ``layers`` only the first so many are kept: what the last ones do is the easiest to learn
    anew (Sajjad et al., 2023).
    """
    model = read_model(BertForSequenceClassification, folder, labels=1)
    if layers:
        model.base_model.encoder.layer = model.base_model.encoder.layer[:layers]
        model.config.num_hidden_layers = layers
    return model


@torch.no_grad()
def graft(model: Any, earlier: Path, began_as: Path, *, layers: int | None = None) -> None:
    """Add what an earlier cross-encoder learnt over the embedder that it began as.

    Its new head is copied, the rest moved by the difference (task arithmetic; Ilharco et al.,
    2023), so that reading two texts together need not be learnt anew for each new embedder.
    """
    learnt, began = load(earlier, layers).state_dict(), load(began_as, layers).state_dict()
    for name, value in model.state_dict().items():
        if name.startswith(("classifier", "bert.pooler")):
            value.copy_(learnt[name])
        else:
            value.add_(learnt[name] - began[name])


def main() -> None:
    """Train, and write the model folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    add = parser.add_argument
    add("--init", type=Path, required=True)
    add("--groups", type=Path, required=True)
    add("--out", type=Path, required=True)
    kept = "a cross-encoder to go on from, and the embedder that it began as"
    add("--earlier", type=Path, nargs=2, metavar=("RERANKER", "EMBEDDER"), help=kept)
    add("--teacher", type=Path, help="a cross-encoder whose scores count as much as the labels")
    add("--dev", type=Path, default=Path("../shared/data/dev"))
    add("--layers", type=int, help="kept of those that it begins with; default all")
    add("--passes", type=float, default=2.0)
    add("--candidates", type=int, default=8, help="passages of a question in a batch")
    add("--foreign", type=int, default=2, help="of them in the other language than the right one")
    add("--cut", type=int, default=_CHUNK, help="tokens at most of a passage")
    add("--kinds", nargs="+", default=(), help="of groups; default all")
    add("--tokens", type=int, help="in a batch; default 131072 on a GPU, else 8192")
    add("--rate", type=float, default=1.5e-4)
    add("--words", type=float, default=5e-5, help="the rate of the word vectors; 0 leaves them")
    add("--minutes", type=float, default=float("inf"), help="then stop, resumable")
    add("--seed", type=int, default=2)
    options = parser.parse_args()
    torch.manual_seed(options.seed)  # the new head is random
    model = load(options.init, options.layers)
    if options.earlier:
        graft(model, *options.earlier, layers=options.layers)
    reading = Reading(
        model,
        options.init,
        options.groups,
        candidates=options.candidates,
        foreign=options.foreign,
        cut=options.cut,
        kinds=options.kinds,
        teacher=Teacher(options.teacher) if options.teacher else None,
    )
    tokens = options.tokens or (131_072 if device().type == "cuda" else 8192)
    batches = Batches(reading.lengths(), tokens=tokens, seed=options.seed)
    steps = max(1, round(options.passes * batches.a_pass))
    plan = Plan(steps=steps, folder=options.out, seed=options.seed, minutes=options.minutes)
    optimizer = optimizer_for(model, rate=options.rate, embeddings=options.words)
    run(
        plan,
        model,
        optimizer,
        lambda step: reading.loss(batches[step], step // batches.a_pass),
    )
    save_reranker(model, options.init, options.out)
    log_figures(options.out, options.dev, embedder=options.init, reranker=options.out)


if __name__ == "__main__":
    main()
