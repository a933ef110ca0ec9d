-- The next place in the order sent, and the newest that was begun on.
CREATE INDEX jobs_sent ON jobs (sent_to, sent);
