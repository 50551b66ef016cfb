"""Texts become unit vectors."""

from collections.abc import Iterator, Sequence
from functools import cached_property, partial
from os.path import commonprefix
from pathlib import Path
from typing import Protocol

import numpy as np

from bifolio.ingest import Message, message
from bifolio.retrieval.arrays import Floats
from bifolio.retrieval.models.dense_layer import Dense
from bifolio.retrieval.models.engine import ANYWHERE, Batch, Run, run_all
from bifolio.retrieval.models.entailment import Entailment
from bifolio.retrieval.models.folder import ModelUnavailable, fingerprint
from bifolio.retrieval.models.hub import locate
from bifolio.retrieval.models.model import Model
from bifolio.retrieval.models.onnx_files import all_parts, onnx_file
from bifolio.retrieval.models.recipe import EmbedderOptions, EmbedderRecipe
from bifolio.retrieval.models.sentence_transformers import completed, declared, dims
from bifolio.retrieval.models.tokens import Encoded, windows

_OVERLAP = 64


class Embedder(Protocol):
    """Turns texts into unit vectors, float32 of shape (texts, dims), in the caller's order.

    ``fingerprint`` changes whenever the same text would get another vector.
    """

    name: str

    @property
    def dims(self) -> int:
        """How long a vector is."""

    @property
    def fingerprint(self) -> str:
        """Model, weights, and how it is used."""

    def embed_queries(self, texts: Sequence[str]) -> Floats:
        """Embed what is asked."""

    def embed_passages(self, texts: Sequence[str]) -> Floats:
        """Embed what is searched."""

    def count(self, text: str) -> int:
        """Count the tokens of a text."""


class ModelEmbedder:
    """An encoder with CLS or mean pooling, and the dense layers that its folder has.

    A text longer than the model can read is cut into overlapping windows, each behind the prefix,
    and their mean is its vector; equal texts are embedded once. ``recipe`` is the one given,
    completed by what the model's folder and the options say.

    Raises:
        ModelUnavailable: the recipe's files are not at hand or damaged.
        UnknownModel: nobody says how the vectors are pooled.
    """

    def __init__(
        self,
        recipe: EmbedderRecipe,
        options: EmbedderOptions | None = None,
        *,
        run: Run = ANYWHERE,
    ) -> None:
        complete = partial(completed, recipe, options or EmbedderOptions())
        folder = locate(recipe.source, check=complete)
        self.recipe = complete(folder)
        self.name = recipe.name
        self._onnx = onnx_file(recipe.source, folder)
        self.dims = dims(folder, self._onnx)
        self._declared = declared(folder)
        self._dense_folders = self._declared.dense
        weights = all_parts(self._onnx) if self._onnx else ()
        self.fingerprint = _fingerprint(self.recipe, folder, weights, self._dense_folders)
        self._model = Model(folder, "embedder", run, onnx=self._onnx, inner=self.recipe.inner)

    def embed_queries(self, texts: Sequence[str]) -> Floats:
        """Embed questions, with the recipe's query prefix."""
        return self._embed(self.recipe.query_prefix, texts)

    def embed_passages(self, texts: Sequence[str]) -> Floats:
        """Embed passages, with the recipe's passage prefix."""
        return self._embed(self.recipe.passage_prefix, texts)

    def entailed(self, said: str, texts: Sequence[str]) -> Floats | None:
        """Give the logit that each text states a sentence of the other language: (texts,).

        None where nobody trained a head for this embedder's states.
        """
        if self._entailment is None:
            return None
        claim, *others = self._states([said, *texts])
        return self._entailment.logits(claim, others)

    def count(self, text: str) -> int:
        """Count the tokens of a text, without special ones."""
        return self._model.tokens.count(text)

    @property
    def is_converted(self) -> bool:
        """Whether it can be loaded at once: see ``Model``."""
        return self._model.is_converted

    @property
    def engine_name(self) -> str:
        """By what engine, and how exactly, it runs."""
        return self._model.engine.name

    @cached_property
    def _dense(self) -> list[Dense]:
        return [Dense(folder) for folder in self._dense_folders]

    @cached_property
    def _entailment(self) -> Entailment | None:
        return Entailment(Path(self.recipe.entailment)) if self.recipe.entailment else None

    def _states(self, texts: Sequence[str]) -> list[Floats]:
        """Give the states of each passage's own tokens, those of the inner layer before the last's.

        Of shape (tokens, 2 * dims); of a long passage those that the model reads at once. A text
        without a token has its special ones'.
        """
        inputs, owners, heads = self._windows(self.recipe.passage_prefix, texts)
        first = [owners.index(place) for place in range(len(texts))]
        before = self._model.tokens.single_before
        after = self._model.tokens.single_extra - before
        found: list[Floats] = [np.empty(0, np.float32)] * len(texts)
        read = [inputs[place] for place in first]
        for places, states in run_all(self._model.engine, read, pad=self._model.tokens.pad):
            for place, row in zip(places, states, strict=True):
                own = row[before + heads[first[place]] : len(read[place]) - after]
                found[place] = own if len(own) else row[: len(read[place])]
        return found

    def _embed(self, prefix: str, texts: Sequence[str]) -> Floats:
        unique = {text: place for place, text in enumerate(dict.fromkeys(texts))}
        vectors = self._run(prefix, list(unique))
        return vectors[[unique[text] for text in texts]]

    def _run(self, prefix: str, texts: list[str]) -> Floats:
        inputs, owners, heads = self._windows(prefix, texts)
        sums = np.zeros((len(texts), self.dims), np.float32)
        for places, pooled in self._pooled(inputs, heads):
            if pooled.shape[1] != self.dims:
                raise ModelUnavailable(_other_width(self.name, self.dims, pooled.shape[1]))
            np.add.at(sums, [owners[place] for place in places], unit(pooled))
        return unit(sums)

    def _windows(
        self, prefix: str, texts: Sequence[str]
    ) -> tuple[list[Encoded], list[int], list[int]]:
        """Lay out each text in windows; say of which text each is, and how much of it is prefix."""
        tokens = self._model.tokens
        room = self.recipe.max_tokens - tokens.single_extra
        inputs, owners, heads = [], [], []
        prefix_ids = tokens.ids([prefix])[0]
        for owner, ids in enumerate(tokens.ids([prefix + text for text in texts])):
            # The last token of a prefix may have grown together with the text.
            same = commonprefix([prefix_ids, ids])  # noqa: RUF071 - id by id is meant
            head = min(len(same), room // 2)
            cut = windows(ids[head:], room - head, min(_OVERLAP, room // 4))
            inputs += [tokens.single(ids[:head] + window) for window in cut]
            owners += [owner] * len(cut)
            heads += [head] * len(cut)
        return inputs, owners, heads

    def _pooled(
        self, inputs: Sequence[Encoded], heads: Sequence[int]
    ) -> Iterator[tuple[list[int], Floats]]:
        """Yield vectors of inputs, as the model gives them, and which inputs they are of.

        ``heads`` says how many tokens of each are prefix.
        """

        def weigh(batch: Batch) -> Floats:
            """Give the pooling weights of a batch: float32 of shape (rows, tokens)."""
            return self._weights(batch, [heads[place] for place in batch.places])

        engine = self._model.engine
        for places, pooled in run_all(engine, inputs, pad=self._model.tokens.pad, weigh=weigh):
            if self.recipe.inner is not None:
                pooled = pooled[:, -self.dims :]
            for dense in () if engine.pools else self._dense:
                pooled = dense(pooled)
            yield places, pooled

    def _weights(self, batch: Batch, heads: list[int]) -> Floats:
        """Say how much of each token is in its row's vector: float32 of shape (rows, tokens).

        ``heads`` says how many tokens of a row are prefix.
        """
        mask = batch.mask.astype(np.float32)
        columns = np.arange(mask.shape[1])
        if self.recipe.pooling == "cls":
            mask[:, columns > 0] = 0
        elif not self.recipe.prefix_pooled:
            ends = np.array(heads) + self._model.tokens.single_before
            mask[columns < ends[:, None]] = 0
        weights: Floats = mask / np.maximum(mask.sum(axis=1, keepdims=True), 1)
        return weights


def unit(vectors: Floats) -> Floats:
    """Give each row length 1; one of zeros stays so."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    scaled: Floats = vectors / np.maximum(lengths, 1e-12)
    return scaled


def _other_width(name: str, told: int, given: int) -> Message:
    sentence = (
        "the files of {model} are of different models: config.json says {told} dimensions, the"
        " weights give {given}; copy them again"
    )
    return message("other-width", sentence, model=name, told=told, given=given)


def _fingerprint(
    recipe: EmbedderRecipe, folder: Path, weights: Sequence[Path], dense: Sequence[Path]
) -> str:
    parts = [recipe.name, fingerprint(folder, weights)[:16], str(recipe.pooling)]
    parts += [recipe.query_prefix, recipe.passage_prefix, str(recipe.max_tokens)]
    parts += [fingerprint(layer)[:16] for layer in dense]
    if not recipe.prefix_pooled:
        parts.append("prefix not pooled")
    return "/".join(parts)
