-- What of a candidate was on the roll, and what had gone out, when somebody confirmed it: what of it was kept back
-- since is a difference to now.
CREATE TABLE review_money (
    review_id     TEXT NOT NULL PRIMARY KEY REFERENCES review (review_id),
    scheduled_fen BIGINT NOT NULL,
    paid_fen      BIGINT NOT NULL
);
