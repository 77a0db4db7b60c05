-- 匹配上但不作证据的行：哪种理由最多
SELECT cause, reason, COUNT(*) AS match_rows, COUNT(DISTINCT claim_id) AS claims
FROM excluded_match
GROUP BY cause, reason
ORDER BY match_rows DESC, cause, reason;
