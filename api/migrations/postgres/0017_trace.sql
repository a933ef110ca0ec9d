-- Which click a job belongs to (a W3C traceparent); NULL for what an earlier build wrote.
ALTER TABLE jobs ADD COLUMN trace TEXT;
ALTER TABLE outbox ADD COLUMN trace TEXT;
