"""The command line: ``bifolio COMMAND`` and ``ingest PATH...``."""

from bifolio.cli.commands import ingest_main, main

__all__ = ["ingest_main", "main"]
