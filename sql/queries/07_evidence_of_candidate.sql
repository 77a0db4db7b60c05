-- 每件在办疑点有几条支持、几条对当事人有利的事实
SELECT c.candidate_id, c.cause,
       SUM(CASE WHEN e.weight = 'supports' THEN 1 ELSE 0 END) AS supports,
       SUM(CASE WHEN e.weight = 'against' THEN 1 ELSE 0 END) AS against
FROM suspension_candidate AS c
JOIN evidence AS e ON e.candidate_id = c.candidate_id
WHERE c.status IN ('open', 'dispatched', 'verifying', 'notified')
GROUP BY c.candidate_id, c.cause
ORDER BY against DESC, c.candidate_id;
