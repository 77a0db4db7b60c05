ALTER TABLE match_run DROP COLUMN judged_at;
ALTER TABLE match_run DROP COLUMN linked_at;
