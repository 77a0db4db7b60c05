-- 各情形、等级的查实率（两人签认的结论）
SELECT d.cause, d.tier, COUNT(*) AS concluded,
       SUM(CASE WHEN r.decision = 'dismissed' THEN 0 ELSE 1 END) AS confirmed
FROM review AS r
JOIN review_detail AS d ON d.review_id = r.review_id
WHERE r.second_by IS NOT NULL AND r.decision IN ('confirmed', 'partly_confirmed', 'dismissed')
GROUP BY d.cause, d.tier
ORDER BY d.cause, d.tier;
