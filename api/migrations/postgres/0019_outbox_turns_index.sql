-- no-transaction
-- Whose turn it is. Made beside writers.
CREATE INDEX CONCURRENTLY IF NOT EXISTS outbox_turns ON outbox (lane, institution, course, id);
