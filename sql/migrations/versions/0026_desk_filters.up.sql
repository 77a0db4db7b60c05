-- The list of one district begins with that district, and passes over other causes without a look at their rows;
-- amounts are found from the large ones down. A claim's candidates are found by what makes them unique.
DROP INDEX candidate_claim;
DROP INDEX candidate_proven;
DROP INDEX candidate_work;
CREATE INDEX candidate_work ON suspension_candidate (
    (CASE WHEN status IN ('closed', 'dismissed', 'withdrawn') THEN 9
          WHEN status IN ('confirmed', 'recovering')
          THEN CASE tier WHEN 'precise' THEN 6 WHEN 'important' THEN 7 ELSE 8 END
          WHEN preventable_fen > 0 AND tier = 'precise' THEN 1 WHEN preventable_fen > 0 AND tier = 'important' THEN 2
          WHEN tier = 'precise' THEN 3 WHEN tier = 'important' THEN 4 ELSE 5 END),
    preventable_fen DESC, overpaid_fen DESC, candidate_id, cause
);
CREATE INDEX candidate_own_work ON suspension_candidate (
    district,
    (CASE WHEN status IN ('closed', 'dismissed', 'withdrawn') THEN 9
          WHEN status IN ('confirmed', 'recovering')
          THEN CASE tier WHEN 'precise' THEN 6 WHEN 'important' THEN 7 ELSE 8 END
          WHEN preventable_fen > 0 AND tier = 'precise' THEN 1 WHEN preventable_fen > 0 AND tier = 'important' THEN 2
          WHEN tier = 'precise' THEN 3 WHEN tier = 'important' THEN 4 ELSE 5 END),
    preventable_fen DESC, overpaid_fen DESC, candidate_id, cause
);
-- How many of those handed out are past their day is found without a look at them.
DROP INDEX candidate_status;
CREATE INDEX candidate_status ON suspension_candidate (status, district, candidate_id);
DROP INDEX reply_deadline_day;
CREATE INDEX reply_deadline_day ON reply_deadline (reply_by, candidate_id);
CREATE INDEX candidate_overpaid ON suspension_candidate (overpaid_fen);
CREATE INDEX candidate_preventable ON suspension_candidate (preventable_fen);
-- What one person alone has decided, which is little of all that was.
CREATE INDEX review_unsigned ON review (candidate_id) WHERE second_by IS NULL;
-- What two people confirmed and what came back of it, added up like the other figures of the overview.
INSERT INTO candidate_tally SELECT 'upheld', district, '', CAST(sum(overpaid_fen) AS bigint)
FROM suspension_candidate WHERE status IN ('confirmed', 'recovering', 'closed')
GROUP BY district HAVING sum(overpaid_fen) <> 0;
INSERT INTO candidate_tally SELECT 'recovered', district, '', CAST(sum(fen) AS bigint) FROM (
    SELECT c.district, d.recovered_fen AS fen,
        row_number() OVER (PARTITION BY r.candidate_id ORDER BY r.decided_at DESC, r.review_id DESC) AS turn
    FROM review_detail d JOIN review r ON r.review_id = d.review_id
    JOIN suspension_candidate c ON c.candidate_id = r.candidate_id
    WHERE d.recovered_fen IS NOT NULL AND c.status IN ('confirmed', 'recovering', 'closed')
) AS each WHERE turn = 1 GROUP BY district HAVING sum(fen) <> 0;
