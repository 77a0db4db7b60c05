-- How the candidate differs from the night before, in words; empty where it does not. The next night fills it in.
ALTER TABLE suspension_candidate ADD COLUMN moved TEXT NOT NULL DEFAULT '';
CREATE INDEX candidate_moved ON suspension_candidate (candidate_id) WHERE moved <> '';
