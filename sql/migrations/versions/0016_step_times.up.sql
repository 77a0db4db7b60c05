-- When a night had linked its rows and judged them: with its start and end, how long each step took.
ALTER TABLE match_run ADD COLUMN linked_at TIMESTAMP;
ALTER TABLE match_run ADD COLUMN judged_at TIMESTAMP;
