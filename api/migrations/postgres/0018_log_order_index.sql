-- no-transaction
-- In the order of the log. Made beside writers; what a break-off left half-made is removed before this runs (migrate.rs).
CREATE INDEX CONCURRENTLY IF NOT EXISTS events_in_order ON events (turn, seq);
