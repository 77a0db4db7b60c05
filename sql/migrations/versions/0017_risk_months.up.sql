-- What each month's analysis said of a signal: a month looked at again shows its own words, not a later one's.
CREATE TABLE risk_seen (
    month     TEXT NOT NULL,
    signal_id TEXT NOT NULL,
    level     TEXT NOT NULL CHECK (level IN ('fault', 'important', 'lead')),
    figures   TEXT NOT NULL,
    summary   TEXT NOT NULL,
    PRIMARY KEY (month, signal_id)
);
-- Whose answer a decision rests on: the day on which employer or operator was heard.
ALTER TABLE risk_review ADD COLUMN heard_on DATE;
-- The assessment of 个人信息保护法 第五十五条, without whose signed date nothing is analysed.
CREATE TABLE risk_impact (
    signed_on   DATE NOT NULL,
    signed_by   TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    recorded_at TIMESTAMP NOT NULL,
    PRIMARY KEY (signed_on, signed_by)
);
