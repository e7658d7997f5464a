-- What time it is by clocks that nobody can set. The steady clock counts real time over restarts and
-- reboots; of a stored instant it shows `instant - ahead`. Instants of older stores are taken as they are.

ALTER TABLE task ADD COLUMN due_ahead INTEGER NOT NULL DEFAULT 0;   -- of next_due
ALTER TABLE task ADD COLUMN since_ahead INTEGER NOT NULL DEFAULT 0; -- of held_since
ALTER TABLE task ADD COLUMN retry_ahead INTEGER NOT NULL DEFAULT 0; -- of retry_at

-- One row: how the clocks stood when the broker last looked, in microseconds.
CREATE TABLE clocks (
    only         INTEGER PRIMARY KEY CHECK (only = 1),
    boot         BLOB,             -- an id, where the system names the boot
    seen         INTEGER NOT NULL, -- what the boot clock showed
    wall_ahead   INTEGER NOT NULL, -- how far the wall clock was ahead of the boot clock
    steady_ahead INTEGER NOT NULL, -- how far the steady clock was
    behind       INTEGER           -- how far the wall clock lags, if it lost time over a reboot
) STRICT;
