-- Who signs in at the city's own provider of identities: by its stable word for a person, of which only a hash is
-- kept. What was begun there and not ended: one row a try, gone with its first answer.
ALTER TABLE desk_account ADD COLUMN subject_sha256 TEXT;
CREATE UNIQUE INDEX desk_account_subject ON desk_account (subject_sha256);
CREATE TABLE desk_sign_in (
    state_sha256   TEXT NOT NULL PRIMARY KEY,
    browser_sha256 TEXT NOT NULL,
    nonce          TEXT NOT NULL,
    verifier       TEXT NOT NULL,
    begun_at       TIMESTAMP NOT NULL
);
