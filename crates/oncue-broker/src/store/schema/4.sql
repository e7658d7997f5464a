-- The group that a task is registered in: both, or none.

ALTER TABLE task ADD COLUMN group_id TEXT;
ALTER TABLE task ADD COLUMN group_name TEXT; -- may be empty
