DROP INDEX audit_subject;
DROP INDEX candidate_work;
