-- The four relations that belong to the agency, as a fresh agency, the demo and the tests create them.
CREATE TABLE recipient (
    person_id    TEXT NOT NULL PRIMARY KEY,
    id_kind      TEXT NOT NULL,
    id_number    TEXT,
    name         TEXT,
    sex          TEXT,
    birth_date   DATE,
    phone        TEXT,
    district     TEXT
);
CREATE TABLE claim (
    claim_id               TEXT NOT NULL PRIMARY KEY,
    person_id              TEXT NOT NULL,
    district               TEXT NOT NULL,
    registered_on          DATE NOT NULL,
    start_month            TEXT NOT NULL,
    entitled_months        INTEGER NOT NULL,
    deemed_months          INTEGER NOT NULL,
    extended_to_retirement BOOLEAN NOT NULL,
    monthly_amount         NUMERIC(12, 2) NOT NULL,
    status                 TEXT NOT NULL,
    stop_month             TEXT,
    stop_cause             TEXT,
    separated_on           DATE,
    separation_reason      TEXT,
    last_employer_id       TEXT,
    last_employer_uscc     TEXT,
    last_employer_name     TEXT,
    commitment_signed_on   DATE,
    accepted_by            TEXT,
    approved_by            TEXT
);
CREATE TABLE payment (
    payment_id    TEXT NOT NULL PRIMARY KEY,
    claim_id      TEXT NOT NULL,
    benefit_month TEXT NOT NULL,
    benefit_kind  TEXT NOT NULL,
    amount        NUMERIC(12, 2) NOT NULL,
    state         TEXT NOT NULL,
    paid_on       DATE,
    bank_account  TEXT
);
CREATE INDEX recipient_number ON recipient (id_number);
CREATE INDEX recipient_name ON recipient (name);
CREATE INDEX claim_person ON claim (person_id);
CREATE INDEX payment_claim ON payment (claim_id);
CREATE TABLE recovery (
    recovery_id   TEXT NOT NULL PRIMARY KEY,
    claim_id      TEXT NOT NULL,
    benefit_month TEXT NOT NULL,
    benefit_kind  TEXT NOT NULL,
    amount        NUMERIC(12, 2) NOT NULL,
    received_on   DATE NOT NULL
);
