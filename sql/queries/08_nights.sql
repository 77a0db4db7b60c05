-- 最近三十次比对：结局、起止时刻
SELECT as_of, run_id, status, started_at, linked_at, judged_at, finished_at
FROM match_run
ORDER BY started_at DESC, run_id
LIMIT 30;
