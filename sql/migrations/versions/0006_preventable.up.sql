-- Payments still scheduled for months in which a candidate's fact holds: what verification can still keep back.
CREATE TABLE preventable (
    candidate_id            TEXT NOT NULL REFERENCES suspension_candidate (candidate_id),
    claim_id                TEXT NOT NULL,
    benefit_month           TEXT NOT NULL,
    benefit_kind            TEXT NOT NULL,
    scheduled_fen           BIGINT NOT NULL CHECK (scheduled_fen >= 0),
    recoverable_from_person BOOLEAN NOT NULL,
    payment_id              TEXT NOT NULL,
    PRIMARY KEY (candidate_id, payment_id)
);
