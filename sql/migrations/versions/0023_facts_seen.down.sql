ALTER TABLE judged_fact DROP COLUMN seen_as_of;
