-- What leaves the house in a workbook, what comes back in it, and what waits to be told.
CREATE TABLE report_export (
    export_id TEXT NOT NULL PRIMARY KEY,
    as_of     DATE NOT NULL,
    district  TEXT NOT NULL
);
CREATE TABLE report_export_row (
    export_id    TEXT NOT NULL REFERENCES report_export (export_id),
    candidate_id TEXT NOT NULL REFERENCES suspension_candidate (candidate_id),
    seal         TEXT NOT NULL,
    facts        TEXT NOT NULL,
    PRIMARY KEY (export_id, candidate_id)
);
CREATE TABLE review_detail (
    review_id       TEXT NOT NULL PRIMARY KEY REFERENCES review (review_id),
    cause           TEXT NOT NULL,
    tier            TEXT NOT NULL,
    policy_version  TEXT NOT NULL,
    export_id       TEXT,
    verified_how    TEXT,
    verified_on     DATE,
    notice_on       DATE,
    stop_month      TEXT,
    recoverable_fen BIGINT,
    recovered_fen   BIGINT,
    recovery_way    TEXT,
    document_no     TEXT,
    closed_on       DATE
);
CREATE TABLE outbox (
    message_id TEXT NOT NULL PRIMARY KEY,
    as_of      DATE NOT NULL,
    title      TEXT NOT NULL,
    body       TEXT NOT NULL,
    queued_at  TIMESTAMP NOT NULL,
    attempts   INTEGER NOT NULL,
    sent_at    TIMESTAMP
);
CREATE INDEX export_night ON report_export (as_of);
CREATE INDEX review_candidate ON review (candidate_id);
