-- The six relations for fund risk. Each is optional: without one, the rules that rest on it say 未提供.
CREATE TABLE operator (
    operator_id TEXT NOT NULL,
    person_key  TEXT NOT NULL,
    office      TEXT NOT NULL,
    district    TEXT NOT NULL,
    post        TEXT NOT NULL,
    since       DATE NOT NULL,
    until       DATE,
    account_key TEXT
);
CREATE TABLE duty_exception (
    operator_id TEXT NOT NULL,
    post_pair   TEXT NOT NULL,
    since       DATE NOT NULL,
    until       DATE,
    approved_by TEXT NOT NULL,
    reference   TEXT NOT NULL
);
CREATE TABLE claim_event (
    event_id    TEXT NOT NULL PRIMARY KEY,
    claim_id    TEXT,
    kind        TEXT NOT NULL,
    at          TIMESTAMP NOT NULL,
    operator_id TEXT,
    channel     TEXT NOT NULL,
    before_key  TEXT,
    after_key   TEXT,
    reference   TEXT
);
CREATE TABLE account_check (
    account_key TEXT NOT NULL,
    claim_id    TEXT,
    holder      TEXT NOT NULL,
    checked_on  DATE
);
CREATE TABLE payee_agent (
    account_key TEXT NOT NULL,
    basis       TEXT NOT NULL,
    since       DATE NOT NULL,
    until       DATE
);
CREATE TABLE service_hours (
    office TEXT NOT NULL,
    date   DATE NOT NULL,
    opens  TEXT NOT NULL,
    closes TEXT NOT NULL
);
