-- 最近一百条审计记录
SELECT seq, at, actor, action, subject
FROM audit_event
ORDER BY seq DESC
LIMIT 100;
