-- What a session was promised when it was asked for, and how often its end was moved since.
ALTER TABLE sessions ADD COLUMN idle_seconds INTEGER NOT NULL DEFAULT 600;
ALTER TABLE sessions ADD COLUMN extensions INTEGER NOT NULL DEFAULT 0;

-- Who asked to look on in a session, and what its learner says to that now. What was said before is in events.
CREATE TABLE session_watchers (
    session    TEXT NOT NULL REFERENCES sessions (id),
    mentor     TEXT NOT NULL REFERENCES accounts (id),
    state      TEXT NOT NULL CHECK (state IN ('asked', 'allowed', 'refused', 'ended')),
    asked_at   INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    PRIMARY KEY (session, mentor)
) STRICT;
