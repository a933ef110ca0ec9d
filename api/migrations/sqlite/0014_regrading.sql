-- What is graded once more goes to a lane of its own, which 0001 does not let the outbox name. A CHECK is only text in the
-- schema, and SQLite's own way to take one away without writing the table anew is this (lang_altertable.html, 7); the
-- ALTER behind it tells other connections that the schema has changed.
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = replace(sql, 'CHECK (lane IN (''session'', ''grading''))', '') WHERE type = 'table' AND name = 'outbox';
PRAGMA writable_schema = RESET;

-- Where a job's messages go, when that is not its kind's own lane.
ALTER TABLE jobs ADD COLUMN lane TEXT;
