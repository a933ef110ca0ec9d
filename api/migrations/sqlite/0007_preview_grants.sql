-- Browsers that were let into a web preview. Only the hash of the cookie is kept; credential is the login or token that
-- asked, whose end is the grant's.
CREATE TABLE preview_grants (
    secret_hash TEXT PRIMARY KEY,
    session     TEXT NOT NULL REFERENCES sessions (id),
    port        INTEGER NOT NULL,
    account     TEXT NOT NULL REFERENCES accounts (id),
    credential  TEXT NOT NULL,
    expires_at  INTEGER NOT NULL
) STRICT;
CREATE INDEX preview_grants_by_session ON preview_grants (session, expires_at);
