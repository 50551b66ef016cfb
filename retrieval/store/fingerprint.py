"""What a library was made with, and how it is told that it was made otherwise."""

from dataclasses import dataclass

from bifolio.ingest import Message, message
from bifolio.retrieval.store.upgrade import SCHEMA


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What a library's vectors and chunks depend on: all must be the same to add or to search."""

    embedder: str
    embedder_hash: str
    dims: int
    splitter: str


def no_library(folder: object) -> Message:
    """Say that there is no library at a place."""
    sentence = "there is no library at {folder}; make one with `ingest PATH`"
    return message("no-library", sentence, folder=folder)


def other_schema(folder: object, schema: object, own: int = SCHEMA) -> Message:
    """Say that a library was made by another version."""
    facts = {"folder": folder, "schema": schema, "own": own}
    if isinstance(schema, int) and schema < own:
        return message(
            "older-schema",
            "{folder}: made by an older version (schema {schema}, this one reads {own}); ingest its"
            " documents into a new --library",
            **facts,
        )
    return message(
        "other-schema",
        "{folder}: made by another version (schema {schema}, this one reads {own}); update bifolio",
        **facts,
    )


def mismatch(folder: object, stored: Fingerprint, wanted: Fingerprint) -> Message:
    """Say that a library was made otherwise than is asked for, and what to do."""
    told = difference(stored, wanted)
    if told.code == "other-splitter":
        sentence = "{folder}: {difference}; bring it up to date by `bifolio rebuild`"
        return message("library-outdated", sentence, folder=folder, difference=told)
    return message(
        "library-mismatch",
        "{folder}: {difference}; choose those models again, or make it anew with these by"
        " `bifolio rebuild`",
        folder=folder,
        difference=told,
    )


def difference(stored: Fingerprint, wanted: Fingerprint) -> Message:
    """Say how a library was made otherwise than is asked for."""
    if (stored.embedder, stored.dims) != (wanted.embedder, wanted.dims):
        return message(
            "other-embedder",
            "made with the embedder {embedder} ({dims} dimensions), asked for {wanted}"
            " ({wanted_dims})",
            embedder=stored.embedder,
            dims=stored.dims,
            wanted=wanted.embedder,
            wanted_dims=wanted.dims,
        )
    if stored.embedder_hash != wanted.embedder_hash:
        sentence = "made with other weights or settings of the embedder {embedder}"
        return message("other-weights", sentence, embedder=stored.embedder)
    sentence = "made by another version (splitter {splitter}, this one has {own})"
    return message("other-splitter", sentence, splitter=stored.splitter, own=wanted.splitter)
