-- The truth of a library. Everything else in its folder but the uploads can be made again from it.
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

-- What a list of documents shows; their texts stand elsewhere, so that it reads none of them.
CREATE TABLE documents (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    path TEXT NOT NULL UNIQUE,
    title TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    pages INTEGER NOT NULL,   -- how many
    chunks INTEGER NOT NULL,  -- how many
    added TEXT NOT NULL,      -- ISO 8601, UTC
    parser TEXT NOT NULL,     -- the reader and its version, as pdf/2; empty where it is not known
    stale_reason TEXT,        -- JSON: why the file as it is now could not be read; mostly NULL
    stale_day TEXT            -- since when, ISO 8601
);

-- Files that could not be read, by the hash of their bytes.
CREATE TABLE failures (
    sha256 TEXT PRIMARY KEY,
    parser TEXT NOT NULL,     -- which reader tried it, and what it had at hand
    reason TEXT NOT NULL      -- JSON: a message
) WITHOUT ROWID;

CREATE TABLE outlines (
    document INTEGER PRIMARY KEY REFERENCES documents (id) ON DELETE CASCADE,
    pages TEXT NOT NULL,      -- JSON: [[number, start, end, label, reading], ...]
    headings TEXT NOT NULL,   -- JSON: [[level, title, start], ...]
    tables TEXT NOT NULL,     -- JSON: [[start, end, [[start, end], ...], has_head], ...]
    left_out INTEGER NOT NULL,
    notes TEXT NOT NULL       -- JSON: [message, ...]
);

-- A document's text in blocks of equal length, so that a span of it is read without the rest.
CREATE TABLE texts (
    document INTEGER NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
    start INTEGER NOT NULL,   -- in characters
    text TEXT NOT NULL,
    checksum INTEGER NOT NULL -- CRC-32 of the text in UTF-8
);

CREATE UNIQUE INDEX texts_of_document ON texts (document, start);

-- AUTOINCREMENT: the id of a removed chunk never comes back, so an index that still holds it can
-- tell that it is gone.
CREATE TABLE chunks (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    document INTEGER NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
    start INTEGER NOT NULL,
    end INTEGER NOT NULL,
    first_page INTEGER NOT NULL,
    last_page INTEGER NOT NULL,
    language TEXT NOT NULL,   -- en or zh: words.language() of the chunk's own text
    context TEXT NOT NULL,    -- Chunk.context, which is searched with the text
    vector BLOB NOT NULL,     -- float32, little endian, unit length
    checksum INTEGER NOT NULL -- CRC-32 of the vector's bytes
);

-- These also hold all ids, without the vectors.
CREATE INDEX chunks_of_document ON chunks (document);
CREATE INDEX chunks_of_language ON chunks (language);

-- One row a chunk, same id; lexical.py says which words stand here.
CREATE VIRTUAL TABLE words USING fts5 (body, tokenize = 'porter unicode61 remove_diacritics 2');
