"""A picture of an evaluation: bars a stage, and what each threshold would do."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bifolio.evaluation.calibrating import at, collect
from bifolio.evaluation.report import Evaluation
from bifolio.ingest import BifolioError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_INCHES = 4.5
_POINTS = 201
_SHOWN = ("hit@1", "hit@10", "mrr@10")


def plot(done: Evaluation, path: Path, *, title: str = "") -> None:
    """Write a PNG; the threshold has a panel of its own if the rerank stage ran.

    Raises:
        BifolioError: matplotlib is not installed, or the file cannot be written.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError as problem:
        raise BifolioError(
            "a picture needs matplotlib; install it with `pip install 'bifolio[plot]'`"
        ) from problem
    marked = [(outcome.question, outcome.marks) for outcome in done.outcomes if outcome.marks]
    panels = 2 if marked else 1
    # A Figure of its own: pyplot would keep it, and choose a window for it.
    figure = Figure(figsize=(_INCHES * panels, _INCHES), layout="constrained")
    axes = figure.subplots(1, panels, squeeze=False)[0]
    figure.suptitle(title)
    _bars(axes[0], done)
    if marked:
        _curve(axes[1], done)
    try:
        figure.savefig(path, format="png", dpi=150)
    except OSError as problem:
        raise BifolioError(f"{path}: {problem.strerror}; give another --plot") from problem


def _bars(axes: "Axes", done: Evaluation) -> None:
    shown = [name for name in _SHOWN if name in next(iter(done.stages.values())).figures]
    wide = 0.8 / len(shown)
    for place, name in enumerate(shown):
        all_figures = [report.figures[name] for report in done.stages.values()]
        values = np.array([figure.value for figure in all_figures])
        reach = [
            values - [figure.low for figure in all_figures],
            [figure.high for figure in all_figures] - values,
        ]
        left = np.arange(len(values)) + (place - (len(shown) - 1) / 2) * wide
        # An interval need not hold the mean to the last bit.
        axes.bar(left, values, wide, yerr=np.maximum(reach, 0), capsize=2, label=name)
    axes.set_xticks(range(len(done.stages)), [*done.stages])
    axes.set(ylim=(0, 1.05), title=f"{done.questions} questions, 95% intervals")
    _legend(axes)


def _curve(axes: "Axes", done: Evaluation) -> None:
    scored = collect([(o.question, o.marks) for o in done.outcomes if o.marks])
    thresholds = np.linspace(0, 1, _POINTS)
    points = [at(scored, float(threshold)) for threshold in thresholds]
    kept = [point.right_kept for point in points if point.right_kept is not None]
    refused = [point.wrong_refused for point in points if point.wrong_refused is not None]
    if kept:
        axes.plot(thresholds, kept, label="right kept")
    if refused:
        without = "document" if scored.made_up else "answer"
        axes.plot(thresholds, refused, label=f"without {without} refused")
    if done.abstain and done.abstain.threshold.value is not None:
        axes.axvline(done.abstain.threshold.value, color="grey", linestyle=":", label="in force")
    axes.set(ylim=(0, 1.05), xlabel="threshold", title="What a threshold would do")
    _legend(axes)


def _legend(axes: "Axes") -> None:
    # Below, where it covers nothing.
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.14), ncols=3, frameon=False)
