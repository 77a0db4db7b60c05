ALTER TABLE report_export_row DROP COLUMN carried;
