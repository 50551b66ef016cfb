"""The folder of LangChain's FAISS, read without running what its pickle may hold.

``index.faiss`` is read only as a flat index; of ``index.pkl`` only the instructions that plain
data need are carried out, and no class of anybody's is made: two stand-ins keep what was written.
"""

import io
import json
import pickle
import pickletools
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from bifolio.langchain.saving import NotReadable, Row, Saved, not_readable
from bifolio.langchain.strategy import DistanceStrategy
from bifolio.retrieval.arrays import Floats

# Instructions that make texts, numbers, lists and dictionaries, and the objects of the classes.
_INSTRUCTIONS = """
    PROTO FRAME MARK STOP POP POP_MARK DUP NONE NEWTRUE NEWFALSE INT BININT BININT1 BININT2 LONG1
    FLOAT BINFLOAT UNICODE SHORT_BINUNICODE BINUNICODE BINUNICODE8 EMPTY_LIST EMPTY_TUPLE EMPTY_DICT
    EMPTY_SET LIST TUPLE TUPLE1 TUPLE2 TUPLE3 DICT APPEND APPENDS SETITEM SETITEMS ADDITEMS MEMOIZE
    PUT BINPUT LONG_BINPUT GET BINGET LONG_BINGET GLOBAL STACK_GLOBAL NEWOBJ BUILD
"""
_PLAIN = frozenset(_INSTRUCTIONS.split())
_PUTS = frozenset(("PUT", "BINPUT", "LONG_BINPUT"))
_DOCSTORES = ("langchain_community.docstore.in_memory", "langchain.docstore.in_memory")
_DOCUMENTS = (
    "langchain_core.documents.base",
    "langchain.schema.document",
    "langchain.schema",
    "langchain.docstore.document",
)
# The four letters that a flat index begins with, and its metric in the header.
_FLAT = {
    b"IxFI": (0, DistanceStrategy.MAX_INNER_PRODUCT),
    b"IxF2": (1, DistanceStrategy.EUCLIDEAN_DISTANCE),
}
_HEADER = np.dtype(
    [
        ("kind", "S4"),
        ("dims", "<i4"),
        ("rows", "<i8"),
        ("unused", "<i8", 2),
        ("trained", "u1"),
        ("metric", "<i4"),
        ("numbers", "<u8"),
    ]
)


class _StandIn:
    """Keeps the state of an object, whatever it is."""

    state: Any = None

    def __setstate__(self, state: Any) -> None:
        self.state = state


class _Docstore(_StandIn):
    pass


class _Document(_StandIn):
    pass


class _Unpickler(pickle.Unpickler):
    def find_class(self, module_name: str, global_name: str, /) -> Any:
        """Give a stand-in for the two classes that a store holds, and nothing else."""
        if module_name in _DOCSTORES and global_name == "InMemoryDocstore":
            return _Docstore
        if module_name in _DOCUMENTS and global_name == "Document":
            return _Document
        raise pickle.UnpicklingError(f"it names {module_name}.{global_name}")


def read_langchain_folder(folder: Path, name: str = "index") -> Saved:
    """Read what ``FAISS.save_local`` of LangChain wrote; by the metric that its index has.

    Raises:
        NotReadable: a file is missing or damaged, the index is not flat, or the pickle holds more
            than documents.
    """
    vectors, strategy = _read_index(folder / f"{name}.faiss")
    rows = _read_documents(folder / f"{name}.pkl", len(vectors))
    return Saved(rows, vectors, strategy)


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as problem:
        raise not_readable(file, f"{problem.strerror}; give the folder of save_local") from problem


def _read_index(file: Path) -> tuple[Floats, DistanceStrategy]:
    data = _bytes(file)
    if len(data) < _HEADER.itemsize or data[:4] not in _FLAT:
        raise not_readable(file, "it is no flat index, the kind that LangChain makes")
    head = np.frombuffer(data, _HEADER, 1)[0]
    dims, rows, numbers = int(head["dims"]), int(head["rows"]), int(head["numbers"])
    metric, strategy = _FLAT[data[:4]]
    # The count is of floats, or in newer files of their bytes.
    there = (len(data) - _HEADER.itemsize) // 4
    wanted = dims * rows
    sound = dims > 0 and rows >= 0 and head["metric"] == metric and numbers in (wanted, 4 * wanted)
    if not sound or there != wanted:
        raise not_readable(file, "its header and its length do not agree; save it again")
    vectors: Floats = np.frombuffer(data, "<f4", wanted, _HEADER.itemsize).astype(np.float32)
    return vectors.reshape(rows, dims), strategy


def _read_documents(file: Path, count: int) -> list[Row]:
    data = _bytes(file)
    try:
        _refuse_other_instructions(data)
        store, places = _Unpickler(io.BytesIO(data)).load()
        documents = store.state["_dict"]
        return [_row(places[place], documents[places[place]]) for place in range(count)]
    except NotReadable:
        raise
    # A pickle that was made to do harm can end in any error.
    except Exception as problem:
        why = " ".join(str(problem).split())[:200] or type(problem).__name__
        raise not_readable(file, f"it holds more or less than documents ({why})") from problem


def _refuse_other_instructions(data: bytes) -> None:
    """Look at every instruction before the first is carried out."""
    for number, (instruction, argument, _) in enumerate(pickletools.genops(data)):
        name = instruction.name
        if name not in _PLAIN:
            raise pickle.UnpicklingError(f"it has the instruction {name}")
        # A place far beyond would take the memory of all before it.
        if name in _PUTS and (not isinstance(argument, int) or not 0 <= argument <= number):
            raise pickle.UnpicklingError("its memo is out of order")


def _row(id_: object, document: _Document) -> Row:
    state = document.state
    # pydantic keeps the fields in a dictionary of the state.
    fields: Mapping[str, Any] = state.get("__dict__", state)
    text, metadata = fields["page_content"], fields.get("metadata") or {}
    if not isinstance(id_, str) or not isinstance(text, str) or not isinstance(metadata, dict):
        raise pickle.UnpicklingError("a document is not made of a text and metadata")
    return Row(id_, text, json.loads(json.dumps(metadata)))
