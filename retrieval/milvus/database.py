"""The SQL database of a library's documents: connections, transactions, and the one writer."""

import json
import os
import secrets
import socket
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any
from zlib import crc32

from sqlalchemy import Connection, Engine, NullPool, create_engine, event, inspect, select, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import (
    ArgumentError,
    DatabaseError,
    DBAPIError,
    InterfaceError,
    NoSuchModuleError,
    OperationalError,
)
from sqlalchemy.schema import CreateSchema

from bifolio.ingest import Message, message
from bifolio.retrieval.milvus.address import DOCUMENTS
from bifolio.retrieval.milvus.tables import META, TABLES
from bifolio.retrieval.store import lock
from bifolio.retrieval.store.errors import LibraryBusy, StoreError

_FILE = "documents.sqlite"
# Our own tables stand apart from whatever else is in the database.
_SCHEMA = "bifolio_{name}"
_ADVISORY = 0x42696678  # "Bifx": all locks of ours bear this first number
_PROCESS = secrets.token_hex(8)
_PAUSE = 0.05
# Seconds: a server that says nothing for so long is down.
_PATIENCE = 60
_READ_ONLY = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}


class Database:
    """The documents' tables of one library, in a folder's SQLite file or on a server.

    ``url`` is a database's address, empty for a file in the folder. It is never shown, since it may
    hold a password: ``shown`` is.

    Raises:
        StoreError: the address is none, or its driver is not installed.
    """

    def __init__(self, folder: Path, url: str, name: str) -> None:
        self._folder = folder
        self._name = name
        self.shown = _shown(url) if url else str(folder / _FILE)
        self.is_server = bool(url)
        try:
            self._engine = _server(url, _SCHEMA.format(name=name.lower())) if url else _file(folder)
        except (ArgumentError, NoSuchModuleError, ModuleNotFoundError, ValueError) as problem:
            raise StoreError(_no_database(problem)) from problem

    def close(self) -> None:
        """Let go of the connections."""
        self._engine.dispose()

    def exists(self) -> bool:
        """Tell whether the library's tables are there."""
        if not (self.is_server or (self._folder / _FILE).exists()):
            return False
        with self._told():
            return inspect(self._engine).has_table("meta", schema=self._schema)

    def create(self, meta: Mapping[str, object]) -> None:
        """Make the tables in one transaction, unless somebody else has just made them."""
        self._folder.mkdir(parents=True, exist_ok=True)
        with ExitStack() as stack:
            if not self.is_server:
                stack.enter_context(lock.writer_lock(self._folder))
            stack.enter_context(self._told())
            connection = stack.enter_context(self._engine.begin())
            if self._schema:
                wait = text("SELECT pg_advisory_xact_lock(:ours, :library)")
                connection.execute(wait, self._numbers)
                connection.execute(CreateSchema(self._schema, if_not_exists=True))
            TABLES.create_all(connection)
            if connection.execute(select(META.c.key).limit(1)).first() is None:
                rows = [{"key": key, "value": json.dumps(value)} for key, value in meta.items()]
                connection.execute(META.insert(), rows)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection that sees one committed state.

        Raises:
            StoreError: the database cannot be used.
        """
        with self._told(), self._engine.connect() as connection:
            if self.is_server:
                connection = connection.execution_options(**_READ_ONLY)
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Give the one connection that may write, outside of any transaction.

        Raises:
            LibraryBusy: somebody else writes, and went on for some seconds.
            StoreError: the database cannot be used.
        """
        with self._told(), ExitStack() as stack:
            if not self.is_server:
                stack.enter_context(lock.writer_lock(self._folder))
            connection = stack.enter_context(self._engine.connect())
            if self.is_server:
                stack.enter_context(self._advisory(connection))
            yield connection

    @property
    def _schema(self) -> str | None:
        return _SCHEMA.format(name=self._name.lower()) if self.is_server else None

    @property
    def _numbers(self) -> dict[str, int]:
        """What the server's lock of this library is called."""
        return {"ours": _ADVISORY, "library": crc32(str(self._schema).encode()) - 2**31}

    @contextmanager
    def _advisory(self, connection: Connection) -> Iterator[None]:
        """Hold the server's lock of this library; it goes with the connection, whatever happens."""
        numbers = self._numbers
        tried = text("SELECT pg_try_advisory_lock(:ours, :library)")
        until = time.monotonic() + lock.WAIT
        while not connection.execute(tried, numbers).scalar():
            held = _holder(connection)
            connection.rollback()
            if time.monotonic() > until:
                raise LibraryBusy(lock.busy(f"{self._name} ({self.shown})", held))
            time.sleep(_PAUSE)
        _note_holder(connection)
        try:
            yield
        finally:
            # Where the connection is broken the server has let go of it already.
            with suppress(DBAPIError):
                connection.rollback()
                connection.execute(text("SELECT pg_advisory_unlock(:ours, :library)"), numbers)
                connection.commit()

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Say in a sentence what a database complains of; mistakes of ours stay what they are."""
        try:
            yield
        except (OperationalError, InterfaceError) as problem:
            raise StoreError(_failed(self.shown, _first_line(problem.orig))) from problem
        except DatabaseError as problem:
            # Its subclasses are mistakes of ours.
            if type(problem) is not DatabaseError:
                raise
            raise StoreError(_failed(self.shown, _first_line(problem.orig))) from problem


@contextmanager
def transaction(connection: Connection) -> Iterator[None]:
    """Do several things as one: all of them are stored, or none."""
    try:
        yield
        connection.commit()
    except BaseException:
        # Of a broken connection there is nothing to take back, and the first problem is the one.
        with suppress(DBAPIError):
            connection.rollback()
        raise


def _file(folder: Path) -> Engine:
    url = URL.create("sqlite", database=str(folder / _FILE))
    engine = create_engine(url, poolclass=NullPool, connect_args={"timeout": 10})

    def _opened(connection: Any, _: object) -> None:
        # Transactions begin and end only where SQLAlchemy says so.
        connection.isolation_level = None
        for pragma in ("journal_mode = WAL", "foreign_keys = ON", "synchronous = FULL"):
            connection.execute(f"PRAGMA {pragma}")

    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN")

    event.listen(engine, "connect", _opened)
    event.listen(engine, "begin", _begin)
    return engine


def _server(url: str, schema: str) -> Engine:
    address = make_url(url)
    if address.drivername in ("postgres", "postgresql"):
        address = address.set(drivername="postgresql+pg8000")
    arguments = {"timeout": _PATIENCE} if address.drivername.endswith("pg8000") else {}
    engine = create_engine(address, pool_pre_ping=True, connect_args=arguments)
    return engine.execution_options(schema_translate_map={None: schema})


def _shown(url: str) -> str:
    try:
        return make_url(url).render_as_string(hide_password=True)
    except (ArgumentError, ValueError):
        return DOCUMENTS


def _no_database(problem: Exception) -> Message:
    return message(
        "bad-documents",
        "{variable} is no address of a database that can be used ({problem}); write"
        " postgresql://USER@HOST/NAME and `pip install 'bifolio[milvus]'`",
        variable=DOCUMENTS,
        problem=_kind(problem),
    )


def _note_holder(connection: Connection) -> None:
    told = {"pid": os.getpid(), "host": socket.gethostname(), "process": _PROCESS}
    value = json.dumps(told | {"since": time.strftime("%H:%M:%S")})
    with transaction(connection):
        connection.execute(META.delete().where(META.c.key == "writer"))
        connection.execute(META.insert().values(key="writer", value=value))


def _holder(connection: Connection) -> Message:
    """Say who holds the lock, as far as that is known."""
    value = connection.execute(select(META.c.value).where(META.c.key == "writer")).scalar()
    try:
        told = json.loads(value or "")
        if told["process"] == _PROCESS:
            return lock.this_program(told["since"])
        return message(
            "process-elsewhere",
            "another process (process {pid} on {host}, since {since})",
            **{fact: told[fact] for fact in ("pid", "host", "since")},
        )
    except (ValueError, KeyError, TypeError):
        return lock.SOME_PROCESS


def _failed(shown: str, problem: str) -> Message:
    return message(
        "documents-failed",
        "{database}: the documents cannot be reached ({problem}); start the database or check its"
        " address and disk, then go on",
        database=shown,
        problem=problem,
    )


def _first_line(problem: BaseException | None) -> str:
    """Give what a driver says, without the statement and its values."""
    said = problem.args[0] if problem is not None and problem.args else problem
    if isinstance(said, dict):  # As pg8000 passes on what the server said.
        said = said.get("M", "")
    return str(said).strip().splitlines()[0][:200] if str(said).strip() else _kind(problem)


def _kind(problem: BaseException | None) -> str:
    return type(problem).__name__
