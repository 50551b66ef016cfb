"""Libraries in each kind of store, and two documents whose vectors can be read off."""

import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from sqlalchemy import create_engine, text

from bifolio.ingest import Chunk, Document, Page
from bifolio.retrieval import Address, Fingerprint, LibraryStore, open_store

MINE = Fingerprint("two", "two/1", 2, "1/400")
NORTH, EAST = np.array([1, 0], np.float32), np.array([0, 1], np.float32)
BOTH = [("north", 1.0), ("east", 0.0)]

Place = Path | Address


def document(path: str, text: str = "ferry", chunks: int = 1) -> tuple[Document, list[Chunk]]:
    """Give a document of that text so many times, and a chunk for each."""
    whole = "\n".join([text] * chunks)
    made = Document(path, path, "hash", whole, (Page(1, 0, len(whole)),))
    step = len(text) + 1
    return made, [Chunk(made, n * step, n * step + len(text)) for n in range(chunks)]


def put(
    store: LibraryStore, path: str, text: str = "ferry", vector: Any = NORTH, chunks: int = 1
) -> None:
    with store.writing() as writer:
        writer.put(*document(path, text, chunks), np.array([vector] * chunks, np.float32))


def found(store: LibraryStore, vector: Any = NORTH, count: int = 10) -> list[tuple[str, float]]:
    """Give (path, inner product) of what the vector finds."""
    with store.reading() as view:
        hits = view.dense(vector, count)
        chunks = view.chunks([id_ for id_, _ in hits])
    return [(chunks[id_].document.path, product) for id_, product in hits]


def paths(store: LibraryStore) -> list[str]:
    with store.reading() as view:
        return [entry.path for entry in view.entries()]


@contextmanager
def postgres() -> Iterator[str | None]:
    """Run a PostgreSQL server of our own, and give its address; None where it is not installed."""
    programs = shutil.which("initdb"), shutil.which("postgres")
    if None in programs:
        yield None
        return
    # It does not run as root.
    user = "nobody" if os.getuid() == 0 else None
    with TemporaryDirectory() as folder, socket.create_server(("127.0.0.1", 0)) as free:
        data, port = Path(folder) / "data", free.getsockname()[1]
        free.close()
        data.mkdir()
        if user:
            Path(folder).chmod(0o755)
            shutil.chown(data, user)
        made = [str(programs[0]), "-D", str(data), "-A", "trust", "-U", "bifolio", "-N"]
        subprocess.run(made, check=True, capture_output=True, user=user, cwd=folder)
        run = [str(programs[1]), "-D", str(data), "-p", str(port), "-k", "", "-F"]
        with subprocess.Popen(
            run, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, user=user, cwd=folder
        ) as server:
            assert server.stderr is not None
            for line in server.stderr:
                if b"ready to accept" in line:
                    break
            yield f"postgresql://bifolio@127.0.0.1:{port}/postgres"
            server.send_signal(signal.SIGINT)
            server.stderr.read()


def forget(database: str) -> None:
    """Take the tables of the library of the test before out of the server."""
    engine = create_engine(database.replace("://", "+pg8000://"))
    with engine.begin() as connection:
        connection.execute(text("DROP SCHEMA IF EXISTS bifolio_library CASCADE"))
    engine.dispose()


_CHILDREN = get_context("forkserver")
_CHILDREN.set_forkserver_preload(["bifolio.retrieval.milvus.store", "pymilvus", "milvus_lite.db"])


@contextmanager
def child(work: Callable[..., None], *arguments: Any) -> Iterator[ForkServerProcess]:
    """Run a function in another process, which is killed in the end if it still runs."""
    process = _CHILDREN.Process(target=work, args=arguments)
    process.start()
    try:
        yield process
    finally:
        process.kill()
        process.join()
        process.close()


def write_until_killed(place: Place, point: str, dies: bool = True) -> None:
    """Store "new 0" to "new 2", and die at a point on the way."""

    def die(*_: Any, **__: Any) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    store = open_store(place, MINE)
    with store.writing() as writer:
        for number in range(3):
            if point == "middle" and number == 1:
                _die_inside(writer, die)
            if point == "between" and number == 2:
                die()
            writer.put(*document(f"new {number}", f"ferry {number}"), np.array([NORTH]))


def _die_inside(writer: Any, die: Callable[..., None]) -> None:
    """Let the next document be the last, when its rows are written and not committed."""
    from bifolio.retrieval.milvus import rows
    from bifolio.retrieval.store import writer as folders

    folders.body = rows.insert_chunks = die  # type: ignore[assignment]


def hold(place: Place, ready: Any) -> None:
    """Store "new 0", tell so, and go on holding the writer."""
    store = open_store(place, MINE)
    with store.writing() as writer:
        writer.put(*document("new 0"), np.array([NORTH]))
        ready.set()
        signal.pause()
