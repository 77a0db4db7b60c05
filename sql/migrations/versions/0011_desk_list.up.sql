-- The order in which the desk lists candidates, that of the workbook: money that can still be kept back first,
-- then tiers, then amounts; and what was done about one thing.
CREATE INDEX candidate_work ON suspension_candidate (
    (CASE WHEN preventable_fen > 0 AND tier = 'precise' THEN 1 WHEN preventable_fen > 0 AND tier = 'important' THEN 2
          WHEN tier = 'precise' THEN 3 WHEN tier = 'important' THEN 4 ELSE 5 END),
    (-preventable_fen), (-overpaid_fen), candidate_id
);
CREATE INDEX audit_subject ON audit_event (subject);
