-- Takes the months' own words, the days of hearing and the signed assessment away.
DROP TABLE risk_impact;
ALTER TABLE risk_review DROP COLUMN heard_on;
DROP TABLE risk_seen;
