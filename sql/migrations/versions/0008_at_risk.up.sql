-- What is on the payment roll for months after the last one that a run without an end is known for: to be
-- checked before the roll closes, no part of preventable_fen. The next night fills it in.
ALTER TABLE suspension_candidate ADD COLUMN at_risk_fen BIGINT NOT NULL DEFAULT 0;
