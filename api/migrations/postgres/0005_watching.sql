-- What a session was promised when it was asked for, and how often its end was moved since.
ALTER TABLE sessions ADD COLUMN idle_seconds BIGINT NOT NULL DEFAULT 600;
ALTER TABLE sessions ADD COLUMN extensions BIGINT NOT NULL DEFAULT 0;

-- Who asked to look on in a session, and what its learner says to that now. What was said before is in events.
CREATE TABLE session_watchers (
    session    TEXT NOT NULL REFERENCES sessions (id),
    mentor     TEXT NOT NULL REFERENCES accounts (id),
    state      TEXT NOT NULL CHECK (state IN ('asked', 'allowed', 'refused', 'ended')),
    asked_at   BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    PRIMARY KEY (session, mentor)
);
