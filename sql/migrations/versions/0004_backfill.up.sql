-- Which past nights somebody asked to have run again, why, and how far that has come.
CREATE TABLE backfill (
    first_night  DATE NOT NULL,
    last_night   DATE NOT NULL,
    reason       TEXT NOT NULL,
    asked_by     TEXT NOT NULL,
    asked_at     TIMESTAMP NOT NULL,
    done_through DATE,
    finished_at  TIMESTAMP,
    PRIMARY KEY (first_night, last_night, reason),
    CHECK (first_night <= last_night)
);
