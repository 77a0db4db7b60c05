-- Links that a model proposes, each with why; and what people decided about a pair of recipient and row.
CREATE TABLE probable_link (
    pair_id     TEXT NOT NULL,
    person_id   TEXT NOT NULL,
    feed        TEXT NOT NULL,
    delivery_id TEXT NOT NULL,
    file        TEXT NOT NULL,
    line        BIGINT NOT NULL,
    tier        TEXT NOT NULL CHECK (tier IN ('repaired', 'probable')),
    probability DOUBLE PRECISION NOT NULL,
    explanation TEXT NOT NULL,
    PRIMARY KEY (feed, delivery_id, file, line)
);
CREATE TABLE identity_decision (
    pair_id    TEXT NOT NULL PRIMARY KEY,
    decision   TEXT NOT NULL CHECK (decision IN ('same', 'different')),
    reason     TEXT NOT NULL,
    decided_by TEXT NOT NULL,
    decided_at TIMESTAMP NOT NULL
);
