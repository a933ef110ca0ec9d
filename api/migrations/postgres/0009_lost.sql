-- What tells a job that waits from one that is lost.
-- message: number of its newest message, in the order sent. started: an agent has begun on that message. lost: how
-- often the message was found lost and another one sent.
ALTER TABLE jobs ADD COLUMN message BIGINT NOT NULL DEFAULT 0;
ALTER TABLE jobs ADD COLUMN started BIGINT NOT NULL DEFAULT 0;
ALTER TABLE jobs ADD COLUMN lost BIGINT NOT NULL DEFAULT 0;
CREATE INDEX jobs_started ON jobs (kind, message) WHERE started = 1;
CREATE INDEX submissions_unfinished ON submissions (submitted_at, id) WHERE state IN ('queued', 'running');
