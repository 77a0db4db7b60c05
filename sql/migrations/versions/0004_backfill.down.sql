-- Takes the record of backfills away.
DROP TABLE backfill;
