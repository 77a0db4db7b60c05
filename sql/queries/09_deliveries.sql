-- 各数据源近来的批次：行数、退回、评判
SELECT feed, delivered_on, health, rows_read, rows_landed, rows_rejected, rows_dropped, reason
FROM delivery
ORDER BY delivered_on DESC, feed
LIMIT 50;
