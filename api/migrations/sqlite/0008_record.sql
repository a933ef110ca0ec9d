-- How an attempt was made (JSON): digests of lesson and work, limits, memory, versions of its host. Timings, outcome and
-- image have columns already. NULL for attempts from before it was kept.
ALTER TABLE attempts ADD COLUMN circumstances TEXT;
