-- The answers on record that already stand in a list when it goes out, by heading, as JSON.
ALTER TABLE report_export_row ADD COLUMN carried TEXT NOT NULL DEFAULT '{}';
