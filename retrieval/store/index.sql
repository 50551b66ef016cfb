-- What brings an index into step without reading every chunk; also added to older libraries.

-- The saved FAISS files. Each holds the chunks of a language with after < id <= last, as they were
-- at its generation. Those that are not current any more may still be opened by a reader.
CREATE TABLE segments (
    file TEXT PRIMARY KEY,
    sha256 TEXT NOT NULL,
    size INTEGER NOT NULL,      -- bytes
    language TEXT NOT NULL,
    after INTEGER NOT NULL,
    last INTEGER NOT NULL,
    generation INTEGER NOT NULL,
    chunks INTEGER NOT NULL,    -- how many it holds
    exact INTEGER NOT NULL,     -- 0: its vectors are compressed
    current INTEGER NOT NULL
) WITHOUT ROWID;

-- Chunks that were removed at a generation, as long as a segment may still hold them.
CREATE TABLE gone (
    language TEXT NOT NULL,
    generation INTEGER NOT NULL,
    id INTEGER NOT NULL,
    PRIMARY KEY (language, generation, id)
) WITHOUT ROWID;

-- How many chunks of each language there are.
CREATE TABLE tally (language TEXT PRIMARY KEY, chunks INTEGER NOT NULL) WITHOUT ROWID;

INSERT INTO tally SELECT language, count(*) FROM chunks GROUP BY language;

CREATE TRIGGER chunk_added AFTER INSERT ON chunks BEGIN
    INSERT INTO tally VALUES (new.language, 1)
        ON CONFLICT (language) DO UPDATE SET chunks = chunks + 1;
END;

CREATE TRIGGER chunk_removed AFTER DELETE ON chunks BEGIN
    UPDATE tally SET chunks = chunks - 1 WHERE language = old.language;
    INSERT INTO gone
        SELECT old.language, CAST(value AS INTEGER), old.id FROM meta WHERE key = 'generation';
END;
