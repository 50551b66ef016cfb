"""How good the search is on questions whose answers are known.

    from pathlib import Path

    from bifolio import Library
    from bifolio.evaluation import calibrate, evaluate, read_questions

    library = Library.open("handbook.bifolio")
    paths = [entry.path for entry in library.documents()]
    questions = read_questions(Path("questions.jsonl"), documents=paths, pages=True)
    print(evaluate(library, questions).stages["rerank"].figures["hit@5"])
    chosen = calibrate(library, questions)
    library.set_threshold(chosen.threshold, questions=chosen.questions, rule=chosen.rule)

docs/evaluation.md says what the figures mean.
"""

from bifolio.evaluation.calibrating import (
    FEW,
    WANTED,
    CalibrationReport,
    Point,
    Scored,
    calibrate,
)
from bifolio.evaluation.comparing import (
    Comparison,
    Configuration,
    compare,
    configuration,
)
from bifolio.evaluation.estimating import Estimate, estimate
from bifolio.evaluation.generating import Generated, generate
from bifolio.evaluation.measures import Difference, Figure
from bifolio.evaluation.outcome import STAGES, Marks, Outcome, Ranked, Stage
from bifolio.evaluation.plotting import plot
from bifolio.evaluation.questions import (
    BadEvaluationFile,
    Place,
    Question,
    read_contexts,
    read_questions,
    sample,
)
from bifolio.evaluation.rag_table import Cell, overlapping, rag_table
from bifolio.evaluation.report import AbstainReport, CitationReport, Evaluation, StageReport
from bifolio.evaluation.reranking import Case, Row, read_cases, rerank_cases
from bifolio.evaluation.running import evaluate, library_of, whole

__all__ = [
    "FEW",
    "STAGES",
    "WANTED",
    "AbstainReport",
    "BadEvaluationFile",
    "CalibrationReport",
    "Case",
    "Cell",
    "CitationReport",
    "Comparison",
    "Configuration",
    "Difference",
    "Estimate",
    "Evaluation",
    "Figure",
    "Generated",
    "Marks",
    "Outcome",
    "Place",
    "Point",
    "Question",
    "Ranked",
    "Row",
    "Scored",
    "Stage",
    "StageReport",
    "calibrate",
    "compare",
    "configuration",
    "estimate",
    "evaluate",
    "generate",
    "library_of",
    "overlapping",
    "plot",
    "rag_table",
    "read_cases",
    "read_contexts",
    "read_questions",
    "rerank_cases",
    "sample",
    "whole",
]
