"""The tables of a library's documents: store/schema.sql for SQLite and PostgreSQL alike.

Words and index files have no table here, for Milvus keeps both; ``leaving`` and ``originals`` are
new. In PostgreSQL each library has a schema of its own.
"""

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
)

# The order of paths is that of their code points, whatever the server's language.
_PATH = Text().with_variant(Text(collation="C"), "postgresql")

TABLES = MetaData()


META = Table(
    "meta",
    TABLES,
    Column("key", Text, primary_key=True),
    Column("value", Text, nullable=False),
)

DOCUMENTS = Table(
    "documents",
    TABLES,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("path", _PATH, nullable=False, unique=True),
    Column("title", Text, nullable=False),
    Column("sha256", Text, nullable=False, index=True),
    Column("pages", Integer, nullable=False),
    Column("chunks", Integer, nullable=False),
    Column("added", Text, nullable=False),
    Column("parser", Text, nullable=False),
    Column("stale_reason", Text),
    Column("stale_day", Text),
    sqlite_autoincrement=True,
)

FAILURES = Table(
    "failures",
    TABLES,
    Column("sha256", Text, primary_key=True),
    Column("parser", Text, nullable=False),
    Column("reason", Text, nullable=False),
)

OUTLINES = Table(
    "outlines",
    TABLES,
    Column("document", Integer, ForeignKey("documents.id", ondelete="CASCADE"), primary_key=True),
    Column("pages", Text, nullable=False),
    Column("headings", Text, nullable=False),
    Column("tables", Text, nullable=False),
    Column("left_out", Integer, nullable=False),
    Column("notes", Text, nullable=False),
)

# BLOCK characters a row, as in the library of one folder.
TEXTS = Table(
    "texts",
    TABLES,
    Column("document", Integer, ForeignKey("documents.id", ondelete="CASCADE"), primary_key=True),
    Column("start", Integer, primary_key=True),
    Column("text", Text, nullable=False),
    Column("checksum", BigInteger, nullable=False),
)

# The id is the chunk's in Milvus too. It is given before anything is written, and never again.
CHUNKS = Table(
    "chunks",
    TABLES,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column(
        "document",
        Integer,
        ForeignKey("documents.id", ondelete="CASCADE"),
        nullable=False,
        index=True,
    ),
    Column("start", Integer, nullable=False),
    Column("end", Integer, nullable=False),
    Column("first_page", Integer, nullable=False),
    Column("last_page", Integer, nullable=False),
    Column("language", Text, nullable=False, index=True),
    Column("context", Text, nullable=False),
    Column("vector", LargeBinary, nullable=False),
    Column("checksum", BigInteger, nullable=False),
)

# Ids from first to last that may stand in Milvus and belong to no document: not yet, or no more.
LEAVING = Table(
    "leaving",
    TABLES,
    Column("first", BigInteger, primary_key=True, autoincrement=False),
    Column("last", BigInteger, nullable=False),
)

# The bytes of uploads, for every machine that reads the library.
ORIGINALS = Table(
    "originals",
    TABLES,
    Column("name", Text, primary_key=True),
    Column("data", LargeBinary, nullable=False),
)
