"""The threshold that a library's own questions gave, and for which models it holds."""

from dataclasses import dataclass, field
from datetime import date

from bifolio.ingest import Message, message


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """A threshold that replaces the reranker's own in one library.

    ``threshold`` is a score between 0 and 1. ``fits`` says to the byte which reranker, engine,
    embedder and splitter gave the scores it was chosen from, ``reranker`` names the first of them.
    ``questions`` counts the questions, 0 where it was chosen without any. ``rule`` names how it was
    chosen, ``day`` when (ISO 8601).
    """

    threshold: float
    fits: str
    reranker: str
    questions: int
    rule: str
    day: str = field(default_factory=lambda: date.today().isoformat())

    @property
    def source(self) -> Message:
        """Where the threshold comes from."""
        if not self.questions:
            return message("estimated", "estimated from the documents on {day}", day=self.day)
        return message(
            "calibrated",
            "calibrated on {questions} questions on {day}",
            questions=self.questions,
            day=self.day,
        )
