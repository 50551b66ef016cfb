"""The files of an evaluation: JSON lines with contexts, and with questions that have answers."""

import gzip
import json
import random
import zlib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any, TypeVar

from bifolio.answers.answer import Turn
from bifolio.answers.following import with_subject
from bifolio.ingest import BifolioError, Document, Page
from bifolio.retrieval import Span

Item = TypeVar("Item")


class BadEvaluationFile(BifolioError):  # noqa: N818 - the name says what is wrong
    """A file of contexts or questions cannot be used; the message names the file and the line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where an answer stands: a document, by its path or file name, and perhaps its pages."""

    document: str
    pages: tuple[int, ...] | None = None  # counted from 1; None is anywhere in the document

    def holds(self, path: str, pages: tuple[int, int]) -> bool:
        """Tell whether those pages of a document, first and last, touch the place."""
        if not self.is_in(path):
            return False
        return self.pages is None or any(pages[0] <= page <= pages[1] for page in self.pages)

    def is_in(self, path: str) -> bool:
        """Tell whether it is a place of the document with this path."""
        return self.document in (path, PurePath(path).name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A question and the places that answer it; none of them if it cannot be answered.

    ``direction`` groups questions in a report, such as "en-zh"; it may be empty. ``history`` are
    the turns before it, oldest first: a follow-up is searched with its subject.
    """

    id: str
    text: str
    right: tuple[Place, ...]
    direction: str = ""
    history: tuple[Turn, ...] = ()

    @property
    def asked(self) -> str:
        """What is searched: the question, with its subject where only the history has it."""
        return with_subject(self.text, self.history) if self.history else self.text

    @property
    def answerable(self) -> bool:
        """Whether something is said to answer it."""
        return bool(self.right)

    def is_right(self, span: Span) -> bool:
        """Tell whether the span stands where an answer does."""
        return any(place.holds(span.path, span.pages) for place in self.right)


def read_contexts(path: Path) -> list[Document]:
    """Read lines of ``{"context_id", "text", "title"}``; each becomes a document of one page.

    Raises:
        BadEvaluationFile: a line is none of these, or its context_id was there before.
    """
    documents: dict[str, Document] = {}
    for where, row in rows(path):
        id_, text, title = (_text(row, name, where) for name in ("context_id", "text", "title"))
        if not id_ or not text.strip():
            empty = "text" if id_ else "context_id"
            raise BadEvaluationFile(f"{where}: {empty} is missing or empty; give each line one")
        if id_ in documents:
            raise BadEvaluationFile(f"{where}: context_id {id_!r} is there twice; keep one of them")
        documents[id_] = Document(id_, title, id_, text, (Page(1, 0, len(text)),))
    if not documents:
        raise BadEvaluationFile(f"{path} holds no contexts; write one JSON object a line")
    return list(documents.values())


def read_questions(path: Path, *, documents: Collection[str], pages: bool) -> list[Question]:
    """Read questions and check that what they name is among the paths of ``documents``.

    With ``pages`` a line is ``{"question", "document", "pages"}``, the document by path or file
    name; else ``{"question", "context_id"}``, or ``context_ids`` if several are right. What has
    ``"answerable": false`` or names nothing is unanswerable. ``id`` and ``direction`` may be given,
    and ``history``: a list of ``{"question", "answer"}``, the turns before.

    Raises:
        BadEvaluationFile: a line is none of these, or names what is not there.
    """
    known = {*documents}
    if pages:
        known |= {PurePath(path).name for path in documents}
    questions: list[Question] = []
    for where, row in rows(path):
        text = _text(row, "question", where)
        if not text.strip():
            raise BadEvaluationFile(f"{where}: question is missing or empty; give each line one")
        right = _pages(row, where) if pages else _contexts(row, where)
        if row.get("answerable") is False:
            right = ()
        for place in right:
            if place.document not in known:
                what = "document" if pages else "context"
                raise BadEvaluationFile(
                    f"{where}: there is no {what} {place.document!r}; correct the name or take the"
                    " line out"
                )
        id_ = _text(row, "id", where) or str(len(questions) + 1)
        direction = _text(row, "direction", where)
        questions.append(
            Question(
                id=id_, text=text, right=right, direction=direction, history=_history(row, where)
            )
        )
    if not questions:
        raise BadEvaluationFile(f"{path} holds no questions; write one JSON object a line")
    return questions


def sample(items: Sequence[Item], count: int | None) -> list[Item]:
    """Draw so many questions or cases, the same ones at every run; all of them without a count."""
    if count is None or count >= len(items):
        return list(items)
    return random.Random(0).sample(items, count)  # noqa: S311 - no secret


def rows(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each JSON object of the file with where it stands; ``.gz`` is read as gzip.

    Raises:
        BadEvaluationFile: the file cannot be read, or a line is no JSON object.
    """
    opened = gzip.open if path.suffix == ".gz" else open
    number = 0
    try:
        with opened(path, "rt", encoding="utf-8-sig") as lines:
            for number, line in enumerate(lines, start=1):
                if line.strip():
                    yield f"{path}, line {number}", _object(line, f"{path}, line {number}")
    except FileNotFoundError as problem:
        raise BadEvaluationFile(f"there is no file {path}; check the name") from problem
    except UnicodeDecodeError as problem:
        raise BadEvaluationFile(
            f"{path}, line {number + 1}: not UTF-8; save it as UTF-8"
        ) from problem
    except (OSError, EOFError, zlib.error) as problem:
        reason = getattr(problem, "strerror", None) or problem
        raise BadEvaluationFile(
            f"{path}, line {number + 1}: {reason}; make the file again"
        ) from problem


def _object(line: str, where: str) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except ValueError as problem:
        raise BadEvaluationFile(
            f"{where}: no JSON ({problem}); write one object a line"
        ) from problem
    if not isinstance(row, dict):
        raise BadEvaluationFile(f"{where}: no JSON object; write one object a line")
    return row


def _text(row: dict[str, Any], name: str, where: str) -> str:
    value = row.get(name)
    if value is not None and not isinstance(value, str | int):
        raise BadEvaluationFile(f"{where}: {name} is no text; write it in quotation marks")
    return "" if value is None else str(value)


def _history(row: dict[str, Any], where: str) -> tuple[Turn, ...]:
    given = row.get("history") or []
    # Pairs of role and content, as chat servers take them, would be turns without a question.
    if not isinstance(given, list) or not all(
        isinstance(turn, dict) and turn.get("question") for turn in given
    ):
        sentence = 'history is no list of turns; write [{"question": "...", "answer": "..."}]'
        raise BadEvaluationFile(f"{where}: {sentence}")
    return tuple(
        Turn(_text(turn, "question", where), _text(turn, "answer", where)) for turn in given
    )


def _contexts(row: dict[str, Any], where: str) -> tuple[Place, ...]:
    several = row.get("context_ids")
    if several is None:
        several = [row["context_id"]] if row.get("context_id") is not None else []
    if not isinstance(several, list) or not all(isinstance(id_, str | int) for id_ in several):
        raise BadEvaluationFile(f'{where}: context_ids is no list of names; write ["a", "b"]')
    if not several and not {"context_id", "context_ids", "answerable"} & set(row):
        raise BadEvaluationFile(
            f'{where}: no context_id; name one, or write "answerable": false if there is none'
        )
    return tuple(Place(document=str(id_)) for id_ in several)


def _pages(row: dict[str, Any], where: str) -> tuple[Place, ...]:
    document, pages = _text(row, "document", where), row.get("pages")
    if not document:
        if not {"document", "answerable"} & set(row):
            if "context_id" in row or "context_ids" in row:
                raise BadEvaluationFile(
                    f"{where}: names a context and no document; give its --contexts FILE as well"
                )
            raise BadEvaluationFile(
                f'{where}: no document; name one, or write "answerable": false if there is none'
            )
        return ()
    if pages is None:
        return (Place(document=document),)
    if not isinstance(pages, list) or not pages or not all(type(page) is int for page in pages):
        raise BadEvaluationFile(f"{where}: pages is no list of numbers; write [3] or [3, 4]")
    return (Place(document=document, pages=tuple(pages)),)
