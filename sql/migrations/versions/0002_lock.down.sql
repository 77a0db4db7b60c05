DROP TABLE run_epoch;
