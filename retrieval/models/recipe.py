"""What is known of each model: frozen data, no code."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from bifolio.ingest import BifolioError, Message, message

Pooling = Literal["cls", "mean"]
POOLINGS: tuple[Pooling, ...] = get_args(Pooling)

STARTER = Path(__file__).parents[1] / "starter"
# Why several models are not run.
OWN_CODE = message(
    "own-code", "it needs code from its own repository (trust_remote_code), which is never run"
)


class UnknownModel(BifolioError):  # noqa: N818 - the name says what is wrong
    """No recipe has this name, and no folder either; or the recipe says why it is not run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbedderRecipe:
    """How to use one embedder: text in, one unit vector out.

    ``source`` is a local folder or a hub id; ``max_tokens`` counts special tokens too. ``pooling``
    is None where only the model's own files say it. Unless ``prefix_pooled``, the mean is taken
    over what comes after the prefix.
    ``entailment`` is the file of a head that tells what a text of the other language states, by the
    states of its tokens in the layer ``inner`` and in the last; None where there is none.
    ``refused`` says why Bifolio does not run the model; None where it does.
    """

    name: str
    source: str
    pooling: Pooling | None = None
    prefix_pooled: bool = True
    query_prefix: str = ""
    passage_prefix: str = ""
    max_tokens: int = 512
    languages: tuple[str, ...]
    licence: str
    gated: bool = False
    entailment: str | None = None
    inner: int | None = None
    refused: Message | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbedderOptions:
    """What a user says of an embedder, over its files and its recipe; None is nothing said."""

    pooling: str | None = None
    query_prefix: str | None = None
    passage_prefix: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """How a language model is asked whether a passage answers a question.

    It reads the question and the passage, each behind its mark, and then the ``instruction``, all
    three on lines of their own. The first token of ``answer`` is the word whose logit counts.
    """

    instruction: str
    question_mark: str = "A: "
    passage_mark: str = "B: "
    answer: str = "Yes"


@dataclass(frozen=True, slots=True, kw_only=True)
class RerankerRecipe:
    """How to use one reranker: question and passage in, one score between 0 and 1 out.

    The score is the sigmoid of the model's logit (``score_space``), and ``threshold`` stands in
    the same space; None where nobody published one. From ``sure`` on what was found answers rather
    than comes near; below it nothing is quoted as an answer. A language model has a ``prompt``.
    ``overlap`` is how many tokens two windows of a long passage share. A reranker that is too weak
    to stand alone leans on the recall before it: relevance.py takes the logit times
    ``logit_weight``, the vectors' inner product times ``dense_weight``, the share of the question's
    words times ``lexical_weight``, and the ``bias``. ``given`` tells that a server gives the score,
    by whatever scale it has between 0 and 1. ``refused`` says why Bifolio does not run the model;
    None where it does.
    """

    name: str
    source: str
    threshold: float | None
    threshold_source: Message
    sure: float | None = None
    max_tokens: int = 512
    overlap: int = 80
    prompt: Prompt | None = None
    logit_weight: float = 1.0
    dense_weight: float = 0.0
    lexical_weight: float = 0.0
    bias: float = 0.0
    given: bool = False
    languages: tuple[str, ...]
    licence: str
    gated: bool = False
    refused: Message | None = None

    @property
    def leans(self) -> bool:
        """Whether other evidence than the model's own counts."""
        return bool(self.dense_weight or self.lexical_weight)

    @property
    def score_space(self) -> Message:
        """In what space the scores and the threshold stand."""
        if self.leans:
            return message(
                "sigmoid-leaning",
                "sigmoid of the logit of {reranker}, leaning on vectors and words, from 0 to 1",
                reranker=self.name,
            )
        if self.given:
            sentence = "score that the server of {reranker} gives, from 0 to 1"
            return message("given-score", sentence, reranker=self.name)
        return message(
            "sigmoid", "sigmoid of the logit of {reranker}, from 0 to 1", reranker=self.name
        )


def refuse_missing(folder: str) -> None:
    """Do nothing, unless what is written as a path leads to no folder.

    Raises:
        UnknownModel: it does not.
    """
    if Path(folder).is_absolute() and not Path(folder).is_dir():
        sentence = "there is no folder {folder} with a model; put it back, or name another model"
        raise UnknownModel(message("model-folder-gone", sentence, folder=folder))


def refuse(recipe: EmbedderRecipe | RerankerRecipe) -> None:
    """Do nothing, unless the recipe is of a model that Bifolio does not run.

    Raises:
        UnknownModel: with the recipe's reason.
    """
    if recipe.refused:
        raise UnknownModel(
            message(
                "model-refused",
                "{model} is not run: {reason}; `bifolio models` lists those that are",
                model=recipe.name,
                reason=recipe.refused,
            )
        )


def last_name(model: str) -> str:
    """Give what a model is called whoever serves it: without an owner, and without a tag."""
    return model.rpartition("/")[2].partition(":")[0].lower()


def is_folder_of(path: str, model: str) -> bool:
    """Say whether the path is a folder that bears the model's name."""
    folder = Path(path)
    return folder.is_dir() and folder.resolve().name == model
