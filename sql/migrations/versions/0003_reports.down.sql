-- Takes the exports, the details of reviews and the outbox away; reviews themselves stay.
DROP INDEX review_candidate;
DROP TABLE outbox;
DROP TABLE review_detail;
DROP TABLE report_export_row;
DROP TABLE report_export;
