-- 各区县在办疑点：件数、已发应退、可止付金额（元）
SELECT district, COUNT(*) AS candidates,
       ROUND(SUM(overpaid_fen) / 100.0, 2) AS overpaid, ROUND(SUM(preventable_fen) / 100.0, 2) AS preventable
FROM suspension_candidate
WHERE status IN ('open', 'dispatched', 'verifying', 'notified', 'confirmed', 'recovering') AND tier <> 'lead'
GROUP BY district
ORDER BY preventable DESC, district;
