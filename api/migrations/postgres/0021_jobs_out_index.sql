-- no-transaction
-- What is with the queue or with an agent. Made beside writers.
CREATE INDEX CONCURRENTLY IF NOT EXISTS jobs_out ON jobs (sent_to, sent) WHERE finished_at IS NULL;
