-- What many eval hosts need. The same in PostgreSQL's words is in ../postgres/.

-- begun: how often an agent has begun the session, which fences the lines of earlier ones. agent: who did so last.
ALTER TABLE sessions ADD COLUMN begun INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sessions ADD COLUMN agent TEXT;
