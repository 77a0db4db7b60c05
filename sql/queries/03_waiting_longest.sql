-- 已下发而等得最久的二十件
SELECT c.candidate_id, c.district, c.cause, c.tier, MAX(r.decided_at) AS handed_out_at
FROM suspension_candidate AS c
LEFT JOIN review AS r ON r.candidate_id = c.candidate_id AND r.decision = 'dispatched'
WHERE c.status = 'dispatched'
GROUP BY c.candidate_id, c.district, c.cause, c.tier
ORDER BY handed_out_at, c.candidate_id
LIMIT 20;
