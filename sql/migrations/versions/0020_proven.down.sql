-- Nothing is added up by it.
DROP INDEX candidate_proven;
