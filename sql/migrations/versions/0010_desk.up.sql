-- The desk: who may sign in there, who is signed in, and what people keep there beside their decisions.
-- No night reads or writes any of it. An account is a person: its signature is no other account's.
CREATE TABLE desk_account (
    account       TEXT NOT NULL PRIMARY KEY,
    name          TEXT NOT NULL,
    signature     TEXT NOT NULL UNIQUE,
    role          TEXT NOT NULL CHECK (role IN ('handler', 'checker', 'supervisor', 'steward', 'auditor',
                      'administrator')),
    districts     TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    must_change   BOOLEAN NOT NULL,
    totp_secret   TEXT,
    totp_step     BIGINT,
    failures      INTEGER NOT NULL,
    barred_until  TIMESTAMP,
    locked        BOOLEAN NOT NULL,
    made_by       TEXT NOT NULL,
    made_at       TIMESTAMP NOT NULL
);
CREATE TABLE desk_session (
    token_sha256 TEXT NOT NULL PRIMARY KEY,
    account      TEXT NOT NULL REFERENCES desk_account (account),
    stage        TEXT NOT NULL CHECK (stage IN ('second_factor', 'password', 'open')),
    begun_at     TIMESTAMP NOT NULL,
    seen_at      TIMESTAMP NOT NULL
);
CREATE TABLE desk_assignment (
    candidate_id TEXT NOT NULL PRIMARY KEY,
    account      TEXT NOT NULL REFERENCES desk_account (account),
    assigned_by  TEXT NOT NULL,
    assigned_at  TIMESTAMP NOT NULL
);
CREATE TABLE desk_attachment (
    candidate_id TEXT NOT NULL,
    sha256       TEXT NOT NULL,
    name         TEXT NOT NULL,
    media_type   TEXT NOT NULL CHECK (media_type IN ('application/pdf', 'image/jpeg', 'image/png')),
    size         BIGINT NOT NULL,
    added_by     TEXT NOT NULL,
    added_at     TIMESTAMP NOT NULL,
    PRIMARY KEY (candidate_id, sha256)
);
CREATE TABLE desk_filter (
    account  TEXT NOT NULL REFERENCES desk_account (account),
    name     TEXT NOT NULL,
    query    TEXT NOT NULL,
    saved_at TIMESTAMP NOT NULL,
    PRIMARY KEY (account, name)
);
CREATE TABLE desk_export (
    export_id  TEXT NOT NULL PRIMARY KEY,
    kind       TEXT NOT NULL,
    subject    TEXT NOT NULL,
    districts  TEXT NOT NULL,
    rows_out   BIGINT NOT NULL,
    sha256     TEXT NOT NULL,
    file       TEXT NOT NULL,
    asked_by   TEXT NOT NULL,
    asked_at   TIMESTAMP NOT NULL,
    expires_at TIMESTAMP NOT NULL
);
CREATE TABLE desk_notice (
    number          TEXT NOT NULL PRIMARY KEY,
    candidate_id    TEXT NOT NULL,
    kind            TEXT NOT NULL,
    template_sha256 TEXT NOT NULL,
    sha256          TEXT NOT NULL,
    issued_by       TEXT NOT NULL,
    issued_at       TIMESTAMP NOT NULL
);
CREATE INDEX desk_session_account ON desk_session (account);
CREATE INDEX desk_assignment_account ON desk_assignment (account);
CREATE INDEX desk_notice_candidate ON desk_notice (candidate_id);
