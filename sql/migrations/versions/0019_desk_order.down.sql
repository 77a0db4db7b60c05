-- The order without regard to what is settled.
DROP INDEX candidate_work;
CREATE INDEX candidate_work ON suspension_candidate (
    (CASE WHEN preventable_fen > 0 AND tier = 'precise' THEN 1 WHEN preventable_fen > 0 AND tier = 'important' THEN 2
          WHEN tier = 'precise' THEN 3 WHEN tier = 'important' THEN 4 ELSE 5 END),
    preventable_fen DESC, overpaid_fen DESC, candidate_id
);
