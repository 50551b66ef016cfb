"""The command line: ``bifolio COMMAND`` and ``ingest PATH...``."""
