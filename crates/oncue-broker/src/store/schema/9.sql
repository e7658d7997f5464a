-- The commands that run as tasks. The class of such a task is the GUID of zeros.

CREATE TABLE command (
    task      BLOB PRIMARY KEY REFERENCES task ON DELETE CASCADE,
    program   TEXT NOT NULL,
    arguments TEXT NOT NULL, -- texts, each ended by a NUL
    folder    TEXT NOT NULL,
    variables TEXT NOT NULL, -- names and values in turn, each ended by a NUL
    input     TEXT,          -- the path of the file that is its standard input
    success   TEXT NOT NULL  -- 0,2
) STRICT, WITHOUT ROWID;
