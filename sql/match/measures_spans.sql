-- One row: the first and last value of each month and date column of an extract.
SELECT {spans}
FROM extract
