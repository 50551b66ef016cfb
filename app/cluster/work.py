"""What runs in the processes of a cluster: a file's bytes become its text, and that its vectors."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePath
from tempfile import TemporaryDirectory

from bifolio.ingest import Chunk, Document, Message, UnreadableDocument, read, split
from bifolio.retrieval import Embedder, ModelEmbedder
from bifolio.retrieval.arrays import Floats
from bifolio.storing import CHUNK_TOKENS, embed

EmbedderMaker = Callable[[], Embedder]


@dataclass(frozen=True, slots=True)
class Embedded:
    """A document with its chunks and their vectors, float32 of shape (chunks, dims)."""

    document: Document
    chunks: Sequence[Chunk]
    vectors: Floats


@dataclass(frozen=True, slots=True)
class Unread:
    """A file that could not be read, and why."""

    path: str
    reason: Message


def read_bytes(data: bytes, path: str) -> Document | Unread:
    """Read a file from its bytes, in a capped child process, under the path that it shall bear.

    No machine but the one that ingests needs to see the folder.
    """
    with TemporaryDirectory(prefix="bifolio-") as folder:
        file = Path(folder) / f"file{PurePath(path).suffix}"
        file.write_bytes(data)
        try:
            return read(file, name=path)
        except UnreadableDocument as problem:
            return Unread(path, problem.reason)


class EmbedWorker:
    """An actor that holds the embedder: texts become chunks and vectors."""

    def __init__(self, make: EmbedderMaker) -> None:
        self._embedder = make()

    def fingerprint(self) -> str:
        """Say what this machine's vectors depend on."""
        return self._embedder.fingerprint

    def embed(self, read: Document | Unread) -> Embedded | Unread:
        """Split and embed a document; what could not be read passes through."""
        if isinstance(read, Unread):
            return read
        try:
            chunks = split(read, size=CHUNK_TOKENS, length=self._embedder.count)
        except UnreadableDocument as problem:
            return Unread(read.path, problem.reason)
        return Embedded(read, chunks, embed(chunks, self._embedder))


def maker(embedder: Embedder) -> EmbedderMaker:
    """Give what makes the same embedder in another process.

    Ours is made anew there, of weights that must be at hand; any other is sent as it is.
    """
    if isinstance(embedder, ModelEmbedder):
        return partial(ModelEmbedder, embedder.recipe)
    return partial(_same, embedder)


def _same(embedder: Embedder) -> Embedder:
    return embedder
