-- How well a task's runs went lately, since when it is held, and what the user allows a package.

ALTER TABLE task ADD COLUMN held_since INTEGER;
ALTER TABLE task ADD COLUMN strikes INTEGER NOT NULL DEFAULT 0;
ALTER TABLE task ADD COLUMN attempt INTEGER NOT NULL DEFAULT 0;
ALTER TABLE task ADD COLUMN retry_at INTEGER;

-- Outlives the package: a no is not bypassed by adding it again.
CREATE TABLE access (
    package TEXT PRIMARY KEY,
    access  TEXT NOT NULL -- always, policy or denied
) STRICT, WITHOUT ROWID;
