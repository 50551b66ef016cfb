"""The conversations of a library, in ``chats.sqlite`` beside it."""

import logging
import secrets
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bifolio.chats.rated import Rated, rated_of
from bifolio.chats.reply import Exchange, Reply, State
from bifolio.chats.written import read_message, read_reply, write_message, write_reply
from bifolio.ingest import BifolioError, Message, message
from bifolio.retrieval import StoreError

_NAME = "chats.sqlite"
_VERSION = 1
_LONGEST_TITLE = 80
# Of so many of the latest a list is made; a search goes through all of them.
_LISTED = 200
_SCHEMA = """
CREATE TABLE conversations (
    id TEXT PRIMARY KEY,
    owner TEXT NOT NULL,
    title TEXT NOT NULL,
    updated TEXT NOT NULL
);
CREATE TABLE exchanges (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    conversation TEXT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    asked TEXT NOT NULL,
    question TEXT NOT NULL,
    state TEXT NOT NULL,
    partial TEXT NOT NULL DEFAULT '',
    reply TEXT NOT NULL DEFAULT '',
    problem TEXT NOT NULL DEFAULT '',
    thumb INTEGER NOT NULL DEFAULT 0,
    note TEXT NOT NULL DEFAULT ''
);
CREATE INDEX exchanges_of ON exchanges (conversation, id);
"""
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Conversation:
    """One conversation: ``updated`` is when somebody last asked in it, UTC."""

    id: str
    title: str
    updated: str


class Chats:
    """Conversations that outlive reloads and restarts; any thread may use it.

    ``owner`` parts the conversations of people who signed in by name; it is empty for all others.

    Raises:
        StoreError: the file is no such file, or of a newer version.
    """

    def __init__(self, folder: Path) -> None:
        self.file = folder / _NAME
        try:
            self._prepare()
        except ConversationsUnreachable as problem:
            # A library that can only be read is asked all the same.
            self.file = Path(tempfile.mkdtemp(prefix="bifolio-")) / _NAME
            _log.warning("conversations are kept until the end only: %s", problem)
            self._prepare()

    def begin(self, question: str, *, owner: str = "") -> str:
        """Begin a conversation, called by its first question, and give its id."""
        id_ = secrets.token_urlsafe(9)
        title = " ".join(question.split())[:_LONGEST_TITLE]
        with self._connected() as connection:
            connection.execute(
                "INSERT INTO conversations VALUES (?, ?, ?, ?)", (id_, owner, title, _now())
            )
        return id_

    def ask(self, conversation: str, question: str) -> int:
        """Put a question at the end of a conversation, and give the id of the exchange.

        Raises:
            UnknownConversation: it has been deleted.
        """
        with self._connected() as connection:
            now = _now()
            changed = connection.execute(
                "UPDATE conversations SET updated = ? WHERE id = ?", (now, conversation)
            )
            if not changed.rowcount:
                raise UnknownConversation
            added = connection.execute(
                "INSERT INTO exchanges (conversation, asked, question, state)"
                " VALUES (?, ?, ?, 'waiting')",
                (conversation, now, question),
            )
        assert added.lastrowid is not None  # noqa: S101 - a row was added
        return added.lastrowid

    def finish(
        self,
        exchange: int,
        *,
        state: State,
        reply: Reply | None = None,
        problem: Message | None = None,
        partial: str = "",
    ) -> None:
        """Keep what came of a question; nothing happens if it was deleted meanwhile."""
        written = write_reply(reply) if reply else ""
        with self._connected() as connection:
            connection.execute(
                "UPDATE exchanges SET state = ?, reply = ?, problem = ?, partial = ? WHERE id = ?",
                (state, _clean(written), _clean(write_message(problem)), _clean(partial), exchange),
            )

    def conversations(self, words: str = "", *, owner: str = "") -> list[Conversation]:
        """List those whose title, questions or answers hold the words; the latest first."""
        wanted = f"%{_literal(words)}%"
        with self._connected() as connection:
            rows = connection.execute(
                "SELECT id, title, updated FROM conversations WHERE owner = ? AND (title LIKE ?"
                " ESCAPE '!' OR EXISTS (SELECT 1 FROM exchanges WHERE conversation ="
                " conversations.id AND (question LIKE ? ESCAPE '!' OR"
                " (reply <> '' AND json_extract(reply, '$.text') LIKE ? ESCAPE '!'))))"
                " ORDER BY updated DESC, rowid DESC LIMIT ?",
                (owner, wanted, wanted, wanted, _LISTED),
            )
            return [Conversation(*row) for row in rows]

    def conversation(self, id_: str, *, owner: str = "") -> Conversation | None:
        """Give one conversation, or None: it was deleted, or is somebody else's."""
        with self._connected() as connection:
            row = connection.execute(
                "SELECT id, title, updated FROM conversations WHERE id = ? AND owner = ?",
                (id_, owner),
            ).fetchone()
        return Conversation(*row) if row else None

    def exchanges(self, conversation: str) -> list[Exchange]:
        """Give the questions of a conversation and what came of them, the first one first."""
        with self._connected() as connection:
            rows = connection.execute(
                "SELECT id, question, state, reply, problem, partial, thumb, note, asked"
                " FROM exchanges WHERE conversation = ? ORDER BY id",
                (conversation,),
            )
            return [_exchange(*row) for row in rows]

    def rename(self, conversation: str, title: str) -> None:
        """Give a conversation another title; an empty one changes nothing."""
        if title := " ".join(_clean(title).split())[:_LONGEST_TITLE]:
            self._change("UPDATE conversations SET title = ? WHERE id = ?", title, conversation)

    def delete(self, conversation: str) -> None:
        """Delete a conversation for good."""
        self._change("DELETE FROM conversations WHERE id = ?", conversation)

    def cut(self, exchange: int) -> bool:
        """Delete a question and all that was asked after it; False if it was deleted before."""
        return (
            self._change(
                "DELETE FROM exchanges WHERE id >= ? AND conversation ="
                " (SELECT conversation FROM exchanges WHERE id = ?)",
                exchange,
                exchange,
            )
            > 0
        )

    def rate(self, exchange: int, *, thumb: int, note: str = "") -> None:
        """Keep a reader's judgement of an answer."""
        sentence = "UPDATE exchanges SET thumb = ?, note = ? WHERE id = ?"
        self._change(sentence, thumb, _clean(note), exchange)

    def rated(self, *, owner: str = "") -> list[Rated]:
        """Give the questions whose answers were judged or noted upon."""
        with self._connected() as connection:
            rows = connection.execute(
                "SELECT question, thumb, note, reply FROM exchanges JOIN conversations"
                " ON conversation = conversations.id WHERE owner = ? AND reply <> ''"
                " AND (thumb <> 0 OR note <> '') ORDER BY exchanges.id",
                (owner,),
            ).fetchall()
        return [rated_of(*row) for row in rows]

    def end_what_waits(self) -> None:
        """Mark as stopped what was being answered when the program last ended."""
        self._change("UPDATE exchanges SET state = 'stopped' WHERE state = 'waiting'")

    def _change(self, sentence: str, *values: object) -> int:
        """Change rows; give how many there were."""
        with self._connected() as connection:
            return connection.execute(sentence, values).rowcount

    def _prepare(self) -> None:
        with self._connected() as connection:
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            if version > _VERSION:
                sentence = "{file} was made by a newer version; update bifolio"
                raise StoreError(message("newer-conversations", sentence, file=self.file))
            if version < _VERSION:
                connection.execute("PRAGMA journal_mode = WAL")
                connection.executescript(
                    f"BEGIN IMMEDIATE; {_SCHEMA} PRAGMA user_version = {_VERSION}; COMMIT;"
                )

    @contextmanager
    def _connected(self) -> Iterator[sqlite3.Connection]:
        """Connect for one step, which is kept whole or not at all."""
        try:
            with closing(sqlite3.connect(self.file, timeout=10)) as connection:
                connection.execute("PRAGMA foreign_keys = ON")
                # What is deleted is overwritten: people delete what others must not read.
                connection.execute("PRAGMA secure_delete = ON")
                with connection:
                    yield connection
        except sqlite3.OperationalError as problem:
            raise ConversationsUnreachable(self.file, problem) from problem
        except sqlite3.DatabaseError as problem:
            if type(problem) is not sqlite3.DatabaseError:
                raise
            sentence = "{file} is damaged ({problem}); move it away, and a new one is made"
            told = message("conversations-damaged", sentence, file=self.file, problem=problem)
            raise StoreError(told) from problem


class ConversationsUnreachable(StoreError):  # noqa: N818 - the name says what is wrong
    """The file of conversations cannot be opened or written: gone, a full disk, no right to."""

    def __init__(self, file: Path, problem: object) -> None:
        sentence = (
            "the conversations cannot be kept in {file} ({problem}); is its folder still there,"
            " and is there room on the disk?"
        )
        super().__init__(message("conversations-unreachable", sentence, file=file, problem=problem))


class UnknownConversation(BifolioError):  # noqa: N818 - the name says what is wrong
    """Somebody else deleted the conversation meanwhile."""

    def __init__(self) -> None:
        sentence = "this conversation has been deleted; begin a new one"
        super().__init__(message("unknown-conversation", sentence))


def _exchange(
    id_: int,
    question: str,
    state: State,
    reply: str,
    problem: str,
    partial: str,
    thumb: int,
    note: str,
    asked: str,
) -> Exchange:
    return Exchange(
        id=id_,
        question=question,
        state=state,
        reply=read_reply(reply) if reply else None,
        problem=read_message(problem),
        partial=partial,
        thumb=thumb,
        note=note,
        asked=asked,
    )


def _literal(words: str) -> str:
    return "".join(f"!{sign}" if sign in "!%_" else sign for sign in _clean(words.strip()))


def _clean(text: str) -> str:
    """Take out halves of surrogate pairs, which SQLite cannot keep."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="microseconds")
