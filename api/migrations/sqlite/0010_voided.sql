-- Verdicts of a host that failed its check afterwards: kept here, no longer the submission's.
ALTER TABLE attempts ADD COLUMN voided_at INTEGER;
ALTER TABLE attempts ADD COLUMN voided_because TEXT;
