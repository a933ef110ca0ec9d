-- API instances that share this store, and which of them each session's sockets meet at.
-- beat only counts up: whoever watches compares it with what it was before, so that no two clocks have to agree.
CREATE TABLE instances (
    id   TEXT PRIMARY KEY,
    url  TEXT NOT NULL,
    beat INTEGER NOT NULL
) STRICT;
CREATE TABLE homes (
    session  TEXT PRIMARY KEY,
    instance TEXT NOT NULL
) STRICT;
CREATE INDEX homes_by_instance ON homes (instance);

-- What instances show each other; made by the first of them.
CREATE TABLE peer_secret (
    one    INTEGER PRIMARY KEY CHECK (one = 1),
    secret TEXT NOT NULL
) STRICT;
