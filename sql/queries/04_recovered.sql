-- 区县登记的追回：每件疑点最近一次登记的应追回与已追回（元）
SELECT c.district, c.candidate_id, ROUND(d.recoverable_fen / 100.0, 2) AS recoverable,
       ROUND(d.recovered_fen / 100.0, 2) AS recovered
FROM suspension_candidate AS c
JOIN review AS r ON r.candidate_id = c.candidate_id
JOIN review_detail AS d ON d.review_id = r.review_id
WHERE d.recovered_fen IS NOT NULL
  AND r.decided_at = (SELECT MAX(l.decided_at) FROM review AS l
                      JOIN review_detail AS m ON m.review_id = l.review_id
                      WHERE l.candidate_id = c.candidate_id AND m.recovered_fen IS NOT NULL)
ORDER BY c.district, c.candidate_id;
