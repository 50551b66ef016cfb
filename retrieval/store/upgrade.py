"""A library of the schema before is brought to this one, in one transaction."""

import sqlite3
from importlib.resources import files
from pathlib import Path

SCHEMA = 5
# What this version can bring to its own schema without reading a document again.
UPGRADABLE = 4


def sql(name: str) -> str:
    """Give the statements of a file that stands beside this one."""
    return files("bifolio.retrieval.store").joinpath(name).read_text(encoding="utf-8")


def upgrade(connection: sqlite3.Connection, folder: Path) -> None:
    """Add what brings an index into step; the index files of before are made anew.

    Does nothing to a library that another process has brought to this schema meanwhile.
    """
    script = f"{sql('index.sql')}\nDROP TABLE IF EXISTS snapshots;"
    script += f"\nUPDATE meta SET value = {SCHEMA} WHERE key = 'schema';"
    (schema,) = connection.execute("SELECT value FROM meta WHERE key = 'schema'").fetchone()
    if int(schema) != UPGRADABLE:
        return
    try:
        connection.executescript(f"BEGIN IMMEDIATE;\n{script}\nCOMMIT;")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    for file in folder.glob("index-*.faiss"):
        file.unlink(missing_ok=True)
