-- What is with the queue or with an agent.
CREATE INDEX jobs_out ON jobs (sent_to, sent) WHERE finished_at IS NULL;
