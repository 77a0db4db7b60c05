-- What the desk's overview adds up, by district: written by a run in its transaction, kept true by each decision.
CREATE TABLE candidate_tally (
    figure   TEXT NOT NULL,
    district TEXT NOT NULL,
    item     TEXT NOT NULL,
    amount   BIGINT NOT NULL,
    PRIMARY KEY (figure, district, item)
);
INSERT INTO candidate_tally SELECT 'new', district, CAST(first_seen_as_of AS TEXT), count(*)
FROM suspension_candidate GROUP BY district, first_seen_as_of;
INSERT INTO candidate_tally SELECT 'since', district, CAST(first_seen_as_of AS TEXT), count(*)
FROM suspension_candidate WHERE status IN ('open', 'dispatched', 'verifying', 'notified', 'confirmed', 'recovering')
GROUP BY district, first_seen_as_of;
INSERT INTO candidate_tally SELECT 'active', district, cause, count(*)
FROM suspension_candidate WHERE status IN ('open', 'dispatched', 'verifying', 'notified', 'confirmed', 'recovering')
GROUP BY district, cause;
INSERT INTO candidate_tally SELECT 'waiting', district, '', count(*)
FROM suspension_candidate WHERE status IN ('open', 'dispatched') GROUP BY district;
INSERT INTO candidate_tally SELECT 'unopened', district, '', count(*)
FROM suspension_candidate WHERE status IN ('open', 'dispatched', 'verifying', 'notified', 'confirmed', 'recovering')
  AND candidate_id NOT IN (SELECT subject FROM audit_event WHERE action = 'case_view') GROUP BY district;
INSERT INTO candidate_tally SELECT 'stoppable', district, '', CAST(sum(fen) AS bigint) FROM (
    SELECT district, sum(preventable_fen) AS fen FROM suspension_candidate
    WHERE status IN ('open', 'dispatched', 'verifying', 'notified', 'confirmed', 'recovering') AND tier <> 'lead'
    GROUP BY claim_id, district HAVING count(*) = 1
    UNION ALL
    SELECT c.district, max(l.scheduled_fen) AS fen FROM suspension_candidate c
    JOIN preventable l ON l.candidate_id = c.candidate_id AND l.recoverable_from_person
    WHERE c.status IN ('open', 'dispatched', 'verifying', 'notified', 'confirmed', 'recovering') AND c.tier <> 'lead'
      AND EXISTS (SELECT 1 FROM suspension_candidate o WHERE o.claim_id = c.claim_id AND o.district = c.district
          AND o.candidate_id <> c.candidate_id AND o.tier <> 'lead'
          AND o.status IN ('open', 'dispatched', 'verifying', 'notified', 'confirmed', 'recovering'))
    GROUP BY c.district, l.payment_id
) AS each GROUP BY district HAVING sum(fen) <> 0;
INSERT INTO candidate_tally SELECT 'owed', district, '', CAST(sum(fen) AS bigint) FROM (
    SELECT district, sum(overpaid_fen) AS fen FROM suspension_candidate
    WHERE status IN ('open', 'dispatched', 'verifying', 'notified', 'confirmed', 'recovering') AND tier <> 'lead'
    GROUP BY claim_id, district HAVING count(*) = 1
    UNION ALL
    SELECT c.district, max(l.due_fen) AS fen FROM suspension_candidate c
    JOIN overpayment l ON l.candidate_id = c.candidate_id AND l.recoverable_from_person
    WHERE c.status IN ('open', 'dispatched', 'verifying', 'notified', 'confirmed', 'recovering') AND c.tier <> 'lead'
      AND EXISTS (SELECT 1 FROM suspension_candidate o WHERE o.claim_id = c.claim_id AND o.district = c.district
          AND o.candidate_id <> c.candidate_id AND o.tier <> 'lead'
          AND o.status IN ('open', 'dispatched', 'verifying', 'notified', 'confirmed', 'recovering'))
    GROUP BY c.district, l.payment_id
) AS each GROUP BY district HAVING sum(fen) <> 0;

-- The list goes on behind its last row and finds what a night changed; an index serves row-level security only by
-- comparing plain columns.
DROP INDEX candidate_work;
CREATE INDEX candidate_work ON suspension_candidate (
    (CASE WHEN preventable_fen > 0 AND tier = 'precise' THEN 1 WHEN preventable_fen > 0 AND tier = 'important' THEN 2
          WHEN tier = 'precise' THEN 3 WHEN tier = 'important' THEN 4 ELSE 5 END),
    preventable_fen DESC, overpaid_fen DESC, candidate_id
);
CREATE INDEX candidate_first_seen ON suspension_candidate (first_seen_as_of);
CREATE INDEX candidate_changed ON suspension_candidate (candidate_id) WHERE changed <> '';
