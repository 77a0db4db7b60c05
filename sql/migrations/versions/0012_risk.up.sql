-- Signals of fund risk: apart from candidates, for nothing here accuses a person or stops a benefit.
CREATE TABLE risk_run (
    month          TEXT NOT NULL PRIMARY KEY,
    as_of          DATE NOT NULL,
    policy_version TEXT NOT NULL,
    missing        TEXT NOT NULL,
    cut            TEXT NOT NULL,
    counts         TEXT NOT NULL,
    finished_at    TIMESTAMP NOT NULL
);
CREATE TABLE risk_signal (
    signal_id        TEXT NOT NULL PRIMARY KEY,
    rule             TEXT NOT NULL,
    subject_kind     TEXT NOT NULL CHECK (subject_kind IN ('claim', 'account', 'employer', 'operator', 'office')),
    subject_key      TEXT NOT NULL,
    district         TEXT NOT NULL,
    period           TEXT NOT NULL,
    level            TEXT NOT NULL CHECK (level IN ('fault', 'important', 'lead')),
    figures          TEXT NOT NULL,
    expected         TEXT NOT NULL,
    summary          TEXT NOT NULL,
    counter          TEXT NOT NULL,
    legal_basis      TEXT NOT NULL,
    policy_version   TEXT NOT NULL,
    fingerprint      TEXT NOT NULL,
    status           TEXT NOT NULL CHECK (status IN
        ('open', 'checking', 'founded', 'unfounded', 'control_fixed', 'closed', 'withdrawn')),
    first_seen_as_of DATE NOT NULL,
    last_seen_as_of  DATE NOT NULL,
    UNIQUE (rule, subject_kind, subject_key, period)
);
CREATE INDEX risk_signal_district ON risk_signal (district, status);
CREATE TABLE risk_fact (
    signal_id   TEXT NOT NULL REFERENCES risk_signal (signal_id),
    fact_no     INTEGER NOT NULL,
    claim_id    TEXT,
    event_id    TEXT,
    payment_id  TEXT,
    feed        TEXT,
    delivery_id TEXT,
    file        TEXT,
    line        BIGINT,
    weight      TEXT NOT NULL CHECK (weight IN ('supports', 'against')),
    reason      TEXT NOT NULL,
    PRIMARY KEY (signal_id, fact_no)
);
CREATE TABLE risk_review (
    review_id  TEXT NOT NULL PRIMARY KEY,
    signal_id  TEXT NOT NULL,
    decision   TEXT NOT NULL,
    note       TEXT NOT NULL,
    decided_by TEXT NOT NULL,
    decided_at TIMESTAMP NOT NULL,
    second_by  TEXT,
    second_at  TIMESTAMP
);
CREATE INDEX risk_review_signal ON risk_review (signal_id);
-- What was found unfounded, by fingerprint: not raised again without a new fact, also when the lead is erased.
CREATE TABLE risk_memory (
    fingerprint TEXT NOT NULL PRIMARY KEY,
    rule        TEXT NOT NULL,
    as_of       DATE NOT NULL
);
-- The random quality sample: drawn before anybody looks, checked without the system's verdict in view.
CREATE TABLE quality_check (
    month       TEXT NOT NULL,
    stratum     TEXT NOT NULL CHECK (stratum IN ('weak', 'clean', 'dismissed')),
    subject     TEXT NOT NULL,
    claim_id    TEXT NOT NULL,
    population  BIGINT NOT NULL,
    paid_fen    BIGINT NOT NULL,
    seed        TEXT NOT NULL,
    verdict     TEXT CHECK (verdict IN ('right', 'wrong')),
    wrong_fen   BIGINT,
    checked_by  TEXT,
    checked_at  TIMESTAMP,
    PRIMARY KEY (month, stratum, subject)
);
