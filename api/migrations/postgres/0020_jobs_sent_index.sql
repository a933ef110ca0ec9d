-- no-transaction
-- The next place in the order sent, and the newest that was begun on. Made beside writers.
CREATE INDEX CONCURRENTLY IF NOT EXISTS jobs_sent ON jobs (sent_to, sent);
