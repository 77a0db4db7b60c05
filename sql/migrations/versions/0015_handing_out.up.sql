-- Until when a district is asked to answer, and which number a notice was given last in a year.
CREATE TABLE reply_deadline (
    candidate_id TEXT NOT NULL PRIMARY KEY,
    reply_by     DATE NOT NULL,
    set_by       TEXT NOT NULL,
    set_at       TIMESTAMP NOT NULL
);
CREATE TABLE notice_counter (
    kind TEXT NOT NULL,
    year INTEGER NOT NULL,
    last INTEGER NOT NULL,
    PRIMARY KEY (kind, year)
);
CREATE INDEX reply_deadline_day ON reply_deadline (reply_by);
