ALTER TABLE audit_event DROP COLUMN database_user;
ALTER TABLE audit_event DROP COLUMN os_user;
