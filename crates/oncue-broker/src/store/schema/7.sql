-- What a task server's program is: its path, a line feed, and its arguments.

ALTER TABLE server ADD COLUMN command TEXT NOT NULL DEFAULT '';
