-- The truth of a library. Everything else in its folder can be made again from this file.
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

CREATE TABLE documents (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    path TEXT NOT NULL UNIQUE,
    title TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    text TEXT NOT NULL,
    pages TEXT NOT NULL,     -- JSON: [[number, start, end], ...]
    headings TEXT NOT NULL,  -- JSON: [[level, title, start], ...]
    added TEXT NOT NULL      -- ISO 8601, UTC
);

-- AUTOINCREMENT: the id of a removed chunk never comes back, so an index that still holds it can
-- tell that it is gone.
CREATE TABLE chunks (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    document INTEGER NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
    start INTEGER NOT NULL,
    end INTEGER NOT NULL,
    vector BLOB NOT NULL     -- float32, little endian, unit length
);

-- Also what makes listing all ids cheap: it holds them without the vectors.
CREATE INDEX chunks_of_document ON chunks (document);

-- One row a chunk, same id; lexical.py says which words stand here.
CREATE VIRTUAL TABLE words USING fts5 (body, tokenize = 'porter unicode61 remove_diacritics 2');

-- The saved FAISS files, newest last.
CREATE TABLE snapshots (
    generation INTEGER PRIMARY KEY,
    file TEXT NOT NULL,
    sha256 TEXT NOT NULL
);
