-- Which run may write: every run that takes the lock raises the number, and whoever holds an older one is refused.
CREATE TABLE run_epoch (
    only_row INTEGER NOT NULL PRIMARY KEY CHECK (only_row = 1),
    epoch    BIGINT NOT NULL
);
INSERT INTO run_epoch (only_row, epoch) VALUES (1, 0);
