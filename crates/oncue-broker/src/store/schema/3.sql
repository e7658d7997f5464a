-- What the trigger told of the firing that waits, and the boot in which the store was opened last.

ALTER TABLE task ADD COLUMN held_details TEXT;     -- texts, each ended by a NUL
ALTER TABLE task ADD COLUMN held_left_out INTEGER; -- how many more there were

ALTER TABLE birth ADD COLUMN boot BLOB; -- an id
