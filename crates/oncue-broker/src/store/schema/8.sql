-- What the user has paused.

CREATE TABLE pause (
    task        BLOB PRIMARY KEY, -- an id; empty for all tasks
    since       INTEGER NOT NULL,
    since_ahead INTEGER NOT NULL, -- as in `task`
    until       INTEGER,          -- when it ends; NULL if only the user ends it
    until_ahead INTEGER NOT NULL,
    by_clock    INTEGER NOT NULL  -- 1 if it ends when the wall clock shows `until`, 0 if after real time
) STRICT, WITHOUT ROWID;
