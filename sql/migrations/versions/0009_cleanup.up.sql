-- What a clean-up of historical records found, what it proposes, and what people decided about it.
CREATE TABLE cleanup_run (
    run_id         TEXT NOT NULL PRIMARY KEY,
    as_of          DATE NOT NULL,
    batches        TEXT NOT NULL,
    policy         TEXT NOT NULL,
    policy_version TEXT NOT NULL,
    status         TEXT NOT NULL CHECK (status IN ('running', 'finished')),
    started_at     TIMESTAMP NOT NULL,
    finished_at    TIMESTAMP,
    input_digest   TEXT NOT NULL,
    counts         TEXT NOT NULL
);
CREATE TABLE cleanup_chunk (
    run_id       TEXT NOT NULL REFERENCES cleanup_run (run_id),
    stage        TEXT NOT NULL,
    chunk        INTEGER NOT NULL,
    input_digest TEXT NOT NULL,
    status       TEXT NOT NULL,
    counts       TEXT NOT NULL,
    PRIMARY KEY (run_id, stage, chunk)
);
CREATE TABLE cleanup_finding (
    finding_id  TEXT NOT NULL PRIMARY KEY,
    check_code  TEXT NOT NULL,
    relation    TEXT NOT NULL,
    record_key  TEXT NOT NULL,
    column_name TEXT NOT NULL,
    district    TEXT NOT NULL,
    months      TEXT NOT NULL,
    value       TEXT NOT NULL,
    confidence  TEXT NOT NULL CHECK (confidence IN ('ask', 'likely', 'certain')),
    favours     TEXT NOT NULL CHECK (favours IN ('person', 'fund', 'nobody')),
    why         TEXT NOT NULL,
    evidence    TEXT NOT NULL,
    status      TEXT NOT NULL CHECK (status IN ('open', 'withdrawn')),
    first_run   TEXT NOT NULL,
    last_run    TEXT NOT NULL,
    UNIQUE (check_code, relation, record_key, column_name)
);
CREATE TABLE person_cluster (
    cluster_id     TEXT NOT NULL PRIMARY KEY,
    tier           TEXT NOT NULL,
    outcome        TEXT NOT NULL CHECK (outcome IN ('merge', 'question')),
    members        TEXT NOT NULL,
    keep_person_no TEXT NOT NULL,
    probability    DOUBLE PRECISION NOT NULL,
    why            TEXT NOT NULL,
    status         TEXT NOT NULL CHECK (status IN ('open', 'withdrawn')),
    first_run      TEXT NOT NULL,
    last_run       TEXT NOT NULL
);
CREATE TABLE person_cluster_member (
    cluster_id TEXT NOT NULL REFERENCES person_cluster (cluster_id),
    person_no  TEXT NOT NULL,
    keep       BOOLEAN NOT NULL,
    PRIMARY KEY (cluster_id, person_no)
);
CREATE TABLE entitlement_check (
    claim_id     TEXT NOT NULL PRIMARY KEY,
    person_no    TEXT NOT NULL,
    counted      INTEGER NOT NULL,
    owed         INTEGER NOT NULL,
    "double"     INTEGER NOT NULL,
    gaps         INTEGER NOT NULL,
    deemed       INTEGER NOT NULL,
    carried_over INTEGER NOT NULL,
    expected     INTEGER NOT NULL,
    recorded     INTEGER NOT NULL,
    exact        BOOLEAN NOT NULL,
    direction    TEXT NOT NULL CHECK (direction IN ('none', 'no_year', 'over', 'under', 'equal')),
    months_short INTEGER NOT NULL,
    short_fen    BIGINT NOT NULL,
    expected_if  TEXT NOT NULL
);
CREATE TABLE employer_alias (
    employer_id TEXT NOT NULL,
    uscc        TEXT NOT NULL,
    name        TEXT NOT NULL,
    valid_from  DATE,
    valid_to    DATE,
    basis       TEXT NOT NULL,
    confidence  TEXT NOT NULL
);
CREATE TABLE readiness (
    run_id           TEXT NOT NULL REFERENCES cleanup_run (run_id),
    district         TEXT NOT NULL,
    population       TEXT NOT NULL,
    people           INTEGER NOT NULL,
    number           INTEGER NOT NULL,
    one_registration INTEGER NOT NULL,
    contact          INTEGER NOT NULL,
    account          INTEGER NOT NULL,
    employer         INTEGER NOT NULL,
    entitlement      INTEGER NOT NULL,
    all_six          INTEGER NOT NULL,
    best_repair      TEXT NOT NULL,
    PRIMARY KEY (run_id, district, population)
);
CREATE TABLE correction_proposal (
    proposal_id  TEXT NOT NULL PRIMARY KEY,
    check_code   TEXT NOT NULL,
    district     TEXT NOT NULL,
    relation     TEXT NOT NULL,
    record_key   TEXT NOT NULL,
    column_name  TEXT NOT NULL,
    before_value TEXT NOT NULL,
    after_value  TEXT NOT NULL,
    why          TEXT NOT NULL,
    evidence     TEXT NOT NULL,
    confidence   TEXT NOT NULL,
    favours      TEXT NOT NULL,
    proof_needed TEXT NOT NULL,
    status       TEXT NOT NULL CHECK (
        status IN ('proposed', 'accepted', 'rejected', 'deferred', 'exported', 'applied', 'withdrawn', 'stale')
    ),
    first_run    TEXT NOT NULL,
    last_run     TEXT NOT NULL
);
CREATE TABLE correction_decision (
    proposal_id TEXT NOT NULL REFERENCES correction_proposal (proposal_id),
    decision    TEXT NOT NULL CHECK (decision IN ('accepted', 'rejected', 'deferred', 'applied', 'undone')),
    reason      TEXT NOT NULL,
    decided_by  TEXT NOT NULL,
    decided_at  TIMESTAMP NOT NULL,
    second_by   TEXT,
    second_at   TIMESTAMP,
    PRIMARY KEY (proposal_id, decided_by, decided_at)
);
CREATE TABLE correction_export (
    export_id TEXT NOT NULL PRIMARY KEY,
    district  TEXT NOT NULL,
    sha256    TEXT NOT NULL,
    signed_by TEXT NOT NULL
);
CREATE TABLE correction_export_row (
    export_id   TEXT NOT NULL REFERENCES correction_export (export_id),
    proposal_id TEXT NOT NULL REFERENCES correction_proposal (proposal_id),
    action      TEXT NOT NULL CHECK (action IN ('correct', 'take_back')),
    PRIMARY KEY (export_id, proposal_id)
);
CREATE TABLE correction_list (
    list_id  TEXT NOT NULL PRIMARY KEY,
    run_id   TEXT NOT NULL REFERENCES cleanup_run (run_id),
    district TEXT NOT NULL,
    format   TEXT NOT NULL
);
CREATE TABLE correction_list_row (
    list_id     TEXT NOT NULL REFERENCES correction_list (list_id),
    proposal_id TEXT NOT NULL REFERENCES correction_proposal (proposal_id),
    seal        TEXT NOT NULL,
    PRIMARY KEY (list_id, proposal_id)
);
CREATE INDEX cleanup_finding_district ON cleanup_finding (district, check_code);
CREATE INDEX correction_proposal_district ON correction_proposal (district, status);
