-- What has not been used up fires again: which runs were entered, and what they answer. And whether a
-- trigger that fires once has fired.

-- Runs of earlier versions count as entered, as they did then.
ALTER TABLE run ADD COLUMN used_up INTEGER NOT NULL DEFAULT 1;
ALTER TABLE run ADD COLUMN details TEXT;     -- texts, each ended by a NUL
ALTER TABLE run ADD COLUMN left_out INTEGER; -- how many more there were

-- The run that had begun to answer the firing that waits, and how many firings it answered.
ALTER TABLE task ADD COLUMN held_begun BLOB;
ALTER TABLE task ADD COLUMN held_begun_firings INTEGER;

ALTER TABLE task ADD COLUMN spent INTEGER NOT NULL DEFAULT 0; -- its trigger never fires again
UPDATE task SET spent = 1 WHERE next_due IS NULL AND (
    trigger LIKE 'once %' OR trigger LIKE 'maintenance once %'
    OR trigger LIKE 'calendar %' OR trigger LIKE 'cron %'
    OR trigger LIKE 'on % once' AND held_cause = 'trigger');
