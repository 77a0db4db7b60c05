-- Takes the columns of each list away; the lists themselves stay.
ALTER TABLE report_export DROP COLUMN format;
