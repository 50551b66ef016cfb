"""Two configurations on the same questions: which one is better, and is that chance?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bifolio.evaluation.measures import Bootstrap, Difference
from bifolio.evaluation.outcome import STAGES, Outcome, Stage
from bifolio.evaluation.report import figures
from bifolio.ingest import BifolioError
from bifolio.retrieval import DEFAULT_OPTIONS, SearchOptions
from bifolio.settings import Settings, names, read_setting

# One figure decides, named beforehand: of five that are looked at, one often differs by chance.
DECIDING = "mrr@10"
_CHANCE = 0.05
_MODELS = tuple(name for name, named in names() if named.of_models)
_SEARCH = ("recall", "keep")


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """One side of a comparison: the models, how the search is done, and the stage."""

    name: str
    settings: Settings
    options: SearchOptions
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
    text: str,
    *,
    settings: Settings,
    options: SearchOptions = DEFAULT_OPTIONS,
    stage: Stage = "rerank",
) -> Configuration:
    """Read a configuration: the name of a pair, or settings such as "models=bge-zh,recall=50".

    What is not named is as in ``settings``, ``options`` and ``stage``.

    Raises:
        BifolioError: a setting is none that there is, or has a value that it cannot have.
    """
    models: dict[str, Any] = {}
    search: dict[str, int] = {}
    for part in text.split(","):
        name, equals, value = part.strip().partition("=")
        name, value = (name.replace("-", "_"), value) if equals else ("models", name)
        if name in _MODELS:
            models[name] = read_setting(name, value, where=repr(text))
        elif name in _SEARCH:
            # What is no number is refused with the limits.
            search[name] = int(value) if value.isdigit() else -1
        elif name == "stage":
            stage = _stage(text, value)
        else:
            known = ", ".join((*_MODELS, *_SEARCH, "stage"))
            raise BifolioError(f"{text!r}: there is no setting {name!r}; choose among {known}")
    return Configuration(
        name=text,
        settings=replace(settings, **models),
        options=replace(options, **search),  # type: ignore[arg-type]
        stage=stage,
    )


def _stage(text: str, named: str) -> Stage:
    for known in STAGES:
        if known == named:
            return known
    raise BifolioError(f"{text!r}: stage is none of {', '.join(STAGES)}")


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
