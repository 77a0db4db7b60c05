-- What nobody has to check any more stands behind what somebody has: the list's order is the workbook's.
DROP INDEX candidate_work;
CREATE INDEX candidate_work ON suspension_candidate (
    (CASE WHEN status IN ('closed', 'dismissed', 'withdrawn') THEN 9
          WHEN status IN ('confirmed', 'recovering')
          THEN CASE tier WHEN 'precise' THEN 6 WHEN 'important' THEN 7 ELSE 8 END
          WHEN preventable_fen > 0 AND tier = 'precise' THEN 1 WHEN preventable_fen > 0 AND tier = 'important' THEN 2
          WHEN tier = 'precise' THEN 3 WHEN tier = 'important' THEN 4 ELSE 5 END),
    preventable_fen DESC, overpaid_fen DESC, candidate_id
);
