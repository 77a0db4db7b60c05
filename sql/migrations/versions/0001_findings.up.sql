-- What a night finds, what people decide about it, and what happened.
CREATE TABLE applied_migration (
    revision    TEXT NOT NULL PRIMARY KEY,
    up_sha256   TEXT NOT NULL,
    down_sha256 TEXT NOT NULL
);
CREATE TABLE match_run (
    run_id         TEXT NOT NULL PRIMARY KEY,
    as_of          DATE NOT NULL,
    status         TEXT NOT NULL CHECK (status IN ('running', 'held', 'succeeded', 'failed')),
    started_at     TIMESTAMP NOT NULL,
    finished_at    TIMESTAMP,
    policy         TEXT NOT NULL,
    policy_version TEXT NOT NULL,
    code_version   TEXT NOT NULL,
    input_digest   TEXT NOT NULL,
    counts         TEXT NOT NULL
);
CREATE TABLE delivery (
    delivery_id   TEXT NOT NULL PRIMARY KEY,
    feed          TEXT NOT NULL,
    delivered_on  DATE NOT NULL,
    files         TEXT NOT NULL,
    sha256        TEXT NOT NULL,
    encoding      TEXT NOT NULL,
    rows_read     BIGINT NOT NULL,
    rows_landed   BIGINT NOT NULL,
    rows_rejected BIGINT NOT NULL,
    rows_dropped  BIGINT NOT NULL,
    health        TEXT NOT NULL CHECK (health IN ('accepted', 'held', 'refused')),
    reason        TEXT NOT NULL,
    measures      TEXT NOT NULL,
    supersedes    DATE,
    landed_at     TIMESTAMP NOT NULL,
    CHECK (rows_read = rows_landed + rows_rejected + rows_dropped),
    UNIQUE (feed, delivered_on)
);
CREATE TABLE release_decision (
    subject     TEXT NOT NULL,
    released_by TEXT NOT NULL,
    reason      TEXT NOT NULL,
    released_at TIMESTAMP NOT NULL,
    PRIMARY KEY (subject, released_by)
);
CREATE TABLE suspension_candidate (
    candidate_id         TEXT NOT NULL PRIMARY KEY,
    claim_id             TEXT NOT NULL,
    person_id            TEXT NOT NULL,
    district             TEXT NOT NULL,
    cause                TEXT NOT NULL,
    tier                 TEXT NOT NULL CHECK (tier IN ('precise', 'important', 'lead')),
    event_month          TEXT NOT NULL,
    stop_month           TEXT NOT NULL,
    first_conflict_month TEXT,
    last_conflict_month  TEXT,
    overpaid_months      INTEGER NOT NULL,
    overpaid_fen         BIGINT NOT NULL,
    preventable_fen      BIGINT NOT NULL,
    link_tier            TEXT NOT NULL,
    link_probability     DOUBLE PRECISION,
    legal_basis          TEXT NOT NULL,
    policy_version       TEXT NOT NULL,
    within_notice_period BOOLEAN NOT NULL,
    two_month_flag       BOOLEAN NOT NULL,
    severe_flag          BOOLEAN NOT NULL,
    summary              TEXT NOT NULL,
    fingerprint          TEXT NOT NULL,
    status               TEXT NOT NULL CHECK (status IN ('open', 'dispatched', 'verifying', 'notified',
                             'confirmed', 'dismissed', 'recovering', 'closed', 'withdrawn')),
    changed              TEXT NOT NULL,
    first_seen_as_of     DATE NOT NULL,
    last_seen_as_of      DATE NOT NULL,
    UNIQUE (claim_id, cause)
);
CREATE TABLE evidence (
    candidate_id TEXT NOT NULL REFERENCES suspension_candidate (candidate_id),
    feed         TEXT NOT NULL,
    delivery_id  TEXT NOT NULL,
    file         TEXT NOT NULL,
    line         BIGINT NOT NULL,
    fact_key     TEXT NOT NULL,
    fact         TEXT NOT NULL,
    months       TEXT NOT NULL,
    weight       TEXT NOT NULL CHECK (weight IN ('supports', 'against')),
    reason_code  TEXT NOT NULL,
    note         TEXT NOT NULL,
    PRIMARY KEY (candidate_id, feed, delivery_id, file, line, fact_key)
);
CREATE TABLE overpayment (
    candidate_id            TEXT NOT NULL REFERENCES suspension_candidate (candidate_id),
    claim_id                TEXT NOT NULL,
    benefit_month           TEXT NOT NULL,
    benefit_kind            TEXT NOT NULL,
    paid_fen                BIGINT NOT NULL,
    recovered_fen           BIGINT NOT NULL,
    due_fen                 BIGINT NOT NULL CHECK (due_fen >= 0),
    recoverable_from_person BOOLEAN NOT NULL,
    counted                 BOOLEAN NOT NULL,
    payment_id              TEXT NOT NULL,
    PRIMARY KEY (candidate_id, payment_id)
);
CREATE TABLE excluded_match (
    claim_id    TEXT NOT NULL,
    cause       TEXT NOT NULL,
    feed        TEXT NOT NULL,
    delivery_id TEXT NOT NULL,
    file        TEXT NOT NULL,
    line        BIGINT NOT NULL,
    reason      TEXT NOT NULL,
    PRIMARY KEY (claim_id, cause, feed, delivery_id, file, line)
);
CREATE TABLE identity_question (
    question_id TEXT NOT NULL PRIMARY KEY,
    kind        TEXT NOT NULL CHECK (kind IN ('one_id_two_persons', 'shared_id', 'two_person_ids', 'possible_match')),
    claim_id    TEXT NOT NULL,
    person_id   TEXT NOT NULL,
    feed        TEXT NOT NULL,
    delivery_id TEXT NOT NULL,
    file        TEXT NOT NULL,
    line        BIGINT NOT NULL,
    probability DOUBLE PRECISION,
    explanation TEXT NOT NULL
);
CREATE TABLE material_request (
    claim_id  TEXT NOT NULL,
    reason    TEXT NOT NULL,
    asked_for TEXT NOT NULL,
    due_on    DATE NOT NULL,
    status    TEXT NOT NULL CHECK (status IN ('open', 'received', 'waived')),
    PRIMARY KEY (claim_id, reason)
);
CREATE TABLE entitlement_notice (
    claim_id TEXT NOT NULL,
    kind     TEXT NOT NULL CHECK (kind IN ('survivors', 'underpayment')),
    basis    TEXT NOT NULL,
    note     TEXT NOT NULL,
    PRIMARY KEY (claim_id, kind)
);
CREATE TABLE review (
    review_id    TEXT NOT NULL PRIMARY KEY,
    candidate_id TEXT NOT NULL REFERENCES suspension_candidate (candidate_id),
    decision     TEXT NOT NULL,
    reason_code  TEXT NOT NULL,
    note         TEXT NOT NULL,
    decided_by   TEXT NOT NULL,
    decided_at   TIMESTAMP NOT NULL,
    second_by    TEXT,
    second_at    TIMESTAMP,
    CHECK (second_by IS NULL OR second_by <> decided_by)
);
CREATE TABLE judged_fact (
    candidate_id TEXT NOT NULL,
    fact_key     TEXT NOT NULL,
    review_id    TEXT NOT NULL REFERENCES review (review_id),
    PRIMARY KEY (candidate_id, fact_key, review_id)
);
CREATE TABLE audit_event (
    seq           BIGINT NOT NULL PRIMARY KEY,
    at            TIMESTAMP NOT NULL,
    actor         TEXT NOT NULL,
    action        TEXT NOT NULL,
    subject       TEXT NOT NULL,
    detail        TEXT NOT NULL,
    previous_hash TEXT NOT NULL,
    hash          TEXT NOT NULL UNIQUE
);
CREATE INDEX candidate_claim ON suspension_candidate (claim_id);
CREATE INDEX candidate_status ON suspension_candidate (status, district);
CREATE INDEX excluded_reason ON excluded_match (reason);
