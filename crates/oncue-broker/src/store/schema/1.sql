-- Instants are microseconds since 1970-01-01 00:00 UTC.
-- Ids are 16 bytes, the lower half first: hex(substr(id, 9) || substr(id, 1, 8)) shows the digits.

-- One row: what makes the ids of this store unlike all others.
CREATE TABLE birth (
    only  INTEGER PRIMARY KEY CHECK (only = 1),
    seed  INTEGER NOT NULL, -- random, 64 bits
    epoch INTEGER NOT NULL  -- how often the store was opened
) STRICT;

CREATE TABLE package (
    family       TEXT PRIMARY KEY,
    full_name    TEXT NOT NULL,
    display_name TEXT NOT NULL,
    version      TEXT NOT NULL, -- 1.2.3.4
    location     TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- A package's task servers, in the manifest's order.
CREATE TABLE server (
    package TEXT NOT NULL REFERENCES package ON DELETE CASCADE,
    place   INTEGER NOT NULL, -- counted from 0
    classes TEXT NOT NULL,    -- class ids with a space in between
    PRIMARY KEY (package, place)
) STRICT, WITHOUT ROWID;

CREATE TABLE task (
    id            BLOB PRIMARY KEY,
    package       TEXT NOT NULL,
    name          TEXT NOT NULL,
    class         BLOB NOT NULL, -- an id
    trigger       TEXT NOT NULL, -- every 15m
    condition     TEXT,          -- internet and not free-network
    policy        TEXT,          -- missed=skip slack=30s
    registered_at INTEGER NOT NULL,
    next_due      INTEGER,
    held_at       INTEGER,       -- the firing that waits, or three times nothing
    held_count    INTEGER,
    held_cause    TEXT,          -- trigger, asked or forced
    last_instance BLOB,          -- how the last run ended, or three times nothing
    last_outcome  TEXT,
    last_ended_at INTEGER
) STRICT, WITHOUT ROWID;

-- The runs that began and have not ended.
CREATE TABLE run (
    instance BLOB PRIMARY KEY,
    task     BLOB NOT NULL,
    name     TEXT NOT NULL,
    package  TEXT NOT NULL,
    fired_at INTEGER NOT NULL,
    firings  INTEGER NOT NULL,
    cause    TEXT NOT NULL -- trigger, asked or forced
) STRICT, WITHOUT ROWID;

-- What became of every firing; stays when its task or package goes.
CREATE TABLE ledger (
    number     INTEGER PRIMARY KEY, -- the order in which entries were written
    instance   BLOB NOT NULL,
    task       BLOB NOT NULL,
    name       TEXT NOT NULL,
    package    TEXT NOT NULL,
    fired_at   INTEGER NOT NULL,
    started_at INTEGER,
    ended_at   INTEGER NOT NULL,
    outcome    TEXT NOT NULL, -- completed, failed, …
    reason     TEXT,          -- Abort, Terminating, …
    progress   INTEGER,
    firings    INTEGER NOT NULL,
    exit       TEXT,          -- exit 3, SIGSEGV, signal 40
    message    TEXT
) STRICT;

CREATE INDEX ledger_by_task ON ledger (task);
CREATE INDEX ledger_by_package ON ledger (package);
CREATE INDEX ledger_by_end ON ledger (ended_at);
