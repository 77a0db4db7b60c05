-- Under which users of machine and database an event was written; the hash of an event that has them covers them.
ALTER TABLE audit_event ADD COLUMN os_user TEXT;
ALTER TABLE audit_event ADD COLUMN database_user TEXT;
