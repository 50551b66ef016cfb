"""Large indexes are built beside the answers: writers wait for no more than their writing."""

import logging
import sqlite3
import threading
from collections.abc import Callable, Mapping
from pathlib import Path

from bifolio.retrieval.store.collecting import collected
from bifolio.retrieval.store.connection import connected
from bifolio.retrieval.store.errors import StoreError
from bifolio.retrieval.store.index import Index
from bifolio.retrieval.store.inverted import words_due
from bifolio.retrieval.store.layout import Layout
from bifolio.retrieval.store.lock import writer_lock
from bifolio.retrieval.store.saving import large_indexes, save_index, save_large
from bifolio.retrieval.store.segments import Range, read_segments

_log = logging.getLogger(__name__)


class Beside:
    """Builds what takes long for one library, once at a time.

    ``done`` is given the indexes that were built and saved, by their files.
    """

    def __init__(
        self,
        database: Path,
        dims: int,
        layout: Layout,
        done: Callable[[Mapping[str, Index]], object],
    ) -> None:
        self._database = database
        self._dims = dims
        self._layout = layout
        self._done = done
        self._busy = threading.Lock()
        self._failed = False

    def start(self) -> None:
        """Build in a thread, which ends with the process: what it did not save is built later."""
        # What cannot be saved, as in a folder that may only be read, is not built time and again.
        if not self._failed and self._busy.acquire(blocking=False):
            threading.Thread(target=self._run, name="index", daemon=True).start()

    def build(self) -> None:
        """Build and save what is due, if anything is, once no thread does."""
        self._busy.acquire()
        self._run()

    def _run(self) -> None:
        """Build; trouble is logged, as nobody depends on it: what no file holds is read instead."""
        try:
            self._build()
        except (OSError, RuntimeError, sqlite3.Error, StoreError) as problem:
            self._failed = True
            _log.warning("the index of %s was not saved: %s", self._database.parent, problem)
        finally:
            self._busy.release()

    def _build(self) -> None:
        folder = self._database.parent
        with connected(self._database, "ro") as connection:
            connection.execute("BEGIN")
            built = large_indexes(connection, folder, self._dims, self._layout)
        if built:
            with writer_lock(folder), connected(self._database, "rw") as connection:
                self._done(save_large(connection, folder, built))
                # What was stored meanwhile was left to this building, as it stood beside it.
                self._done(save_index(connection, folder, self._dims, self._layout))
        self._build_words(folder)

    def _build_words(self, folder: Path) -> None:
        with connected(self._database, "ro") as connection:
            due = words_due(connection, folder, self._layout)
        for segment in due:
            with connected(self._database, "ro") as connection:
                connection.execute("BEGIN")
                range_ = Range(segment.language, segment.after, segment.last, segment.chunks)
                postings = collected(connection, range_)
            with writer_lock(folder), connected(self._database, "ro") as connection:
                # Others may have joined it with newer ones meanwhile, and swept what was of it.
                if segment in read_segments(connection):
                    postings.save(folder, segment)
