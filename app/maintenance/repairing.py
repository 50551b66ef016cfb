"""What is damaged in a library is made again from what is whole in it."""

from contextlib import suppress
from dataclasses import dataclass

from bifolio.retrieval import Damage, Embedder, LibraryStore, LibraryWriter, StoreError
from bifolio.storing import put_files


@dataclass(frozen=True, slots=True)
class Repair:
    """What was damaged and is whole again, and what is not to be mended here, each said so."""

    mended: tuple[Damage, ...]
    left: tuple[Damage, ...]


def repair(store: LibraryStore, embedder: Embedder) -> Repair:
    """Mend what can be mended.

    Words, vectors and the index come from the stored text; a damaged text is read again from its
    file if that still holds the same bytes.

    Raises:
        StoreError: the database itself is damaged, or cannot be written to.
    """
    damages = store.check(whole=True)
    if any(damage.part == "database" for damage in damages):
        return Repair((), damages)
    with store.writing() as writer:
        for damage in damages:
            if damage.part == "text":
                _read_again(damage.document, store, writer, embedder)
        if any(damage.part == "words" for damage in damages):
            writer.words_again()
        if searched := writer.damaged_vectors():
            writer.vectors_again(list(searched), embedder.embed_passages(list(searched.values())))
        if any(damage.part == "index" for damage in damages):
            writer.index_again()
    # Looked at again: what a repair leaves damaged is told, even if it was not known before.
    left_over = store.check(whole=True)
    return Repair(tuple(one for one in damages if one not in left_over), left_over)


def _read_again(path: str, store: LibraryStore, writer: LibraryWriter, embedder: Embedder) -> None:
    """Read a document again from its file, where that can be."""
    with suppress(KeyError, StoreError):
        list(put_files([(store.source(path), path)], writer, embedder))
