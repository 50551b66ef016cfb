"""Two configurations on the same questions: which one is better, and is that chance?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import get_args

from bifolio.evaluation.measures import Bootstrap, Difference
from bifolio.evaluation.outcome import Outcome, Stage
from bifolio.evaluation.report import figures
from bifolio.ingest import BifolioError
from bifolio.settings import Settings

# One figure decides, named beforehand: of five that are looked at, one often differs by chance.
DECIDING = "mrr@10"
_CHANCE = 0.05
_MODELS = ("models", "embedder", "reranker", "pooling", "query_prefix", "passage_prefix")
_MOST_RECALL = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """One side of a comparison: the models, how many chunks are recalled, and the stage."""

    name: str
    settings: Settings
    recall: int
    stage: Stage


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """How much better the second configuration is than the first, by figure."""

    names: tuple[str, str]
    differences: Mapping[str, Difference]
    questions: int
    better: int  # questions at which the second has the higher deciding figure
    worse: int

    @property
    def verdict(self) -> str:
        """Say in a sentence which one is better, or that the questions do not tell."""
        first, second = self.names
        told = self.differences[DECIDING]
        numbers = f"{abs(told.value):.3f}"
        chance = f"p = {told.p:.2g}"
        if told.p >= _CHANCE:
            return (
                f"These {self.questions} questions do not tell {first} and {second} apart:"
                f" {DECIDING} differs by {numbers}, which may well be chance ({chance})."
            )
        good, bad = (second, first) if told.value > 0 else (first, second)
        return (
            f"{good} is better than {bad}: its {DECIDING} is higher by {numbers}, and that is"
            f" hardly chance ({chance})."
        )


def configuration(
    text: str, *, settings: Settings, recall: int, stage: Stage = "rerank"
) -> Configuration:
    """Read a configuration: the name of a pair, or settings such as "models=bge-zh,recall=50".

    What is not named is as in ``settings``, ``recall`` and ``stage``.

    Raises:
        BifolioError: a setting is none that there is.
    """
    given: dict[str, str] = {}
    for part in text.split(","):
        name, equals, value = part.strip().partition("=")
        name, value = (name.replace("-", "_"), value) if equals else ("models", name)
        if name not in (*_MODELS, "recall", "stage"):
            raise BifolioError(
                f"{text!r}: there is no setting {name!r}; choose among"
                f" {', '.join(_MODELS)}, recall, stage"
            )
        given[name] = value
    wanted = given.pop("recall", str(recall))
    if not wanted.isdigit() or not 1 <= int(wanted) <= _MOST_RECALL:
        raise BifolioError(f"{text!r}: recall is no whole number from 1 to {_MOST_RECALL}")
    named = given.pop("stage", stage)
    chosen: Stage | None = next((known for known in get_args(Stage) if known == named), None)
    if chosen is None:
        raise BifolioError(f"{text!r}: stage is none of {', '.join(get_args(Stage))}")
    return Configuration(
        name=text,
        settings=replace(settings, **given),  # type: ignore[arg-type]
        recall=int(wanted),
        stage=chosen,
    )


def compare(
    first: Sequence[Outcome], second: Sequence[Outcome], sides: tuple[Configuration, Configuration]
) -> Comparison:
    """Compare the outcomes of the same questions, in the same order, under both configurations."""
    one, other = (
        figures(outcomes, side.stage) for outcomes, side in zip((first, second), sides, strict=True)
    )
    bootstrap = Bootstrap(len(one[DECIDING]))
    pairs = list(zip(one[DECIDING], other[DECIDING], strict=True))
    return Comparison(
        names=(sides[0].name, sides[1].name),
        differences={name: bootstrap.difference(one[name], other[name]) for name in one},
        questions=len(pairs),
        better=sum(after > before for before, after in pairs),
        worse=sum(after < before for before, after in pairs),
    )
