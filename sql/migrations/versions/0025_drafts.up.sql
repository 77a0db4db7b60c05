-- What somebody typed when their session had run out: for the next session of the same account, for some hours.
CREATE TABLE desk_draft (
    account   TEXT NOT NULL REFERENCES desk_account (account),
    page      TEXT NOT NULL,
    fields    TEXT NOT NULL,
    kept_at   TIMESTAMP NOT NULL,
    shown_at  TIMESTAMP,
    PRIMARY KEY (account, page)
);
