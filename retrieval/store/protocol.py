"""What a library is kept in, whichever it is: a folder of SQLite and FAISS, or Milvus and SQL."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from bifolio.ingest import Chunk, Document, Message
from bifolio.retrieval.arrays import Floats
from bifolio.retrieval.calibration import Calibration
from bifolio.retrieval.store.attempts import Failure
from bifolio.retrieval.store.checking import Damage
from bifolio.retrieval.store.documents import Entry
from bifolio.retrieval.store.fingerprint import Fingerprint
from bifolio.retrieval.store.searchable import Searchable


class LibraryReader(Searchable, Protocol):
    """One committed state of a library with its documents."""

    def entries(self) -> list[Entry]:
        """List the documents by path; no text is read."""
        ...

    def entry(self, path: str) -> Entry:
        """Give the document with that path without its text; KeyError without one."""
        ...

    def document(self, path: str) -> Document:
        """Give the document with that path; KeyError without one."""
        ...

    def chunks_of(self, path: str) -> list[Chunk]:
        """Give all chunks of a document, in text order; KeyError without one."""
        ...

    def sample(self, count: int, *, seed: int) -> list[Chunk]:
        """Draw at most so many chunks, the same ones for a seed."""
        ...

    def failures(self) -> Mapping[str, Failure]:
        """Give what could not be read, by the sha256 of its bytes."""
        ...

    def place(self) -> str:
        """Tell in which folder the library was last written to; empty where that is not known."""
        ...


class LibraryWriter(Protocol):
    """The one writer of a library. Every call is durable when it returns."""

    def entries(self) -> list[Entry]:
        """List the documents by path."""
        ...

    def failures(self) -> Mapping[str, Failure]:
        """Give what could not be read, by the sha256 of its bytes."""
        ...

    def place(self) -> str:
        """Tell in which folder the library was last written to; empty where that is not known."""
        ...

    def keep_failure(self, failure: Failure) -> None:
        """Note that these bytes could not be read."""
        ...

    def chunks(self, path: str) -> list[Chunk]:
        """Give all chunks of a document, in text order."""
        ...

    def keep_upload(self, data: bytes, path: str) -> Path:
        """Keep an upload's bytes, and give their place; put a document with that path to them."""
        ...

    def source(self, path: str) -> Path:
        """Give the file that holds the bytes that a document was read from; KeyError without."""
        ...

    def put(
        self,
        document: Document,
        chunks: Sequence[Chunk],
        vectors: Floats,
        *,
        instead_of: str | None = None,
    ) -> None:
        """Store a document in place of the one that had its path, or the path ``instead_of``.

        ``vectors`` holds one row a chunk: float32 of shape (chunks, dims).
        """
        ...

    def put_many(self, stored: Sequence[tuple[Document, Sequence[Chunk], Floats]]) -> None:
        """Store documents as :meth:`put` does, all of them in one step."""
        ...

    def remove(self, path: str) -> bool:
        """Take the document with that path out; tell whether there was one."""
        ...

    def rename(self, old: str, new: str) -> None:
        """Give a document another path; it is not stale any more."""
        ...

    def mark_stale(self, path: str, reason: Message) -> None:
        """Note that a document's file cannot be read as it is now."""
        ...

    def mark_fresh(self, path: str) -> None:
        """Note that a document's file holds again what was read from it."""
        ...

    def calibrate(self, calibration: Calibration | None) -> None:
        """Store the library's own threshold in place of the one before; None takes it out."""
        ...

    def words_again(self) -> None:
        """Index the words of every chunk again, from the stored text."""
        ...

    def damaged_vectors(self) -> dict[int, str]:
        """Give what was embedded for each chunk whose vector is not as it was stored, by id."""
        ...

    def vectors_again(self, ids: Sequence[int], vectors: Floats) -> None:
        """Store other vectors for these chunks: float32 of shape (ids, dims)."""
        ...

    def index_again(self) -> None:
        """Make the index anew from the stored vectors."""
        ...


class LibraryStore(Protocol):
    """The documents, chunks, vectors and words of one library.

    ``folder`` is on this machine, whatever lies elsewhere: a lock, uploads and conversations stand
    in it. ``address`` is how a reader is told of the library.
    """

    folder: Path
    fingerprint: Fingerprint

    @property
    def address(self) -> str:
        """How the library is called: its folder, or where its server is."""
        ...

    def close(self) -> None:
        """Let go of what is held in memory, and of connections."""
        ...

    def reading(self) -> AbstractContextManager[LibraryReader]:
        """Give a view of one committed state; it stays the same while others write."""
        ...

    def writing(self) -> AbstractContextManager[LibraryWriter]:
        """Give the one writer; LibraryBusy where another one goes on for some seconds."""
        ...

    def file(self, path: str) -> bytes:
        """Give the bytes that the document with that path was read from; KeyError without one."""
        ...

    def source(self, path: str) -> Path:
        """Give the file that holds these bytes; KeyError without such a document."""
        ...

    def check(self, *, whole: bool = False) -> tuple[Damage, ...]:
        """Tell what is damaged: by counts, or ``whole`` by every byte."""
        ...
