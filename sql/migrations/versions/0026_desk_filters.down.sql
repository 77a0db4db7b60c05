-- The indexes of the list without its filters, and of the figures those that there were.
DELETE FROM candidate_tally WHERE figure IN ('upheld', 'recovered');
DROP INDEX review_unsigned;
DROP INDEX candidate_preventable;
DROP INDEX candidate_overpaid;
DROP INDEX reply_deadline_day;
CREATE INDEX reply_deadline_day ON reply_deadline (reply_by);
DROP INDEX candidate_status;
CREATE INDEX candidate_status ON suspension_candidate (status, district);
DROP INDEX candidate_own_work;
DROP INDEX candidate_work;
CREATE INDEX candidate_work ON suspension_candidate (
    (CASE WHEN status IN ('closed', 'dismissed', 'withdrawn') THEN 9
          WHEN status IN ('confirmed', 'recovering')
          THEN CASE tier WHEN 'precise' THEN 6 WHEN 'important' THEN 7 ELSE 8 END
          WHEN preventable_fen > 0 AND tier = 'precise' THEN 1 WHEN preventable_fen > 0 AND tier = 'important' THEN 2
          WHEN tier = 'precise' THEN 3 WHEN tier = 'important' THEN 4 ELSE 5 END),
    preventable_fen DESC, overpaid_fen DESC, candidate_id
);
CREATE INDEX candidate_claim ON suspension_candidate (claim_id);
CREATE INDEX candidate_proven ON suspension_candidate (district, overpaid_fen)
WHERE status IN ('confirmed', 'recovering', 'closed');
