-- Whose turn it is.
CREATE INDEX outbox_turns ON outbox (lane, institution, course, id);
