DROP TABLE desk_sign_in;
DROP INDEX desk_account_subject;
ALTER TABLE desk_account DROP COLUMN subject_sha256;
