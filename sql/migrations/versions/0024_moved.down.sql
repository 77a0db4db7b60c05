-- Takes the words away; the candidates stay.
DROP INDEX candidate_moved;
ALTER TABLE suspension_candidate DROP COLUMN moved;
