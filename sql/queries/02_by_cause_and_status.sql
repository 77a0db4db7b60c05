-- 各停领情形的疑点各到了哪一步
SELECT cause, status, COUNT(*) AS candidates
FROM suspension_candidate
GROUP BY cause, status
ORDER BY cause, status;
