-- What many processes do one at a time, and whose turn it is in the outbox. The same in PostgreSQL's words is in ../postgres/.

-- The database's own clock, in microseconds since 1970: the only one that all processes have in common.
CREATE VIEW clock AS SELECT CAST((julianday('now') - 2440587.5) * 86400000000.0 AS INTEGER) AS micros;

-- A duty is its holder's until somebody else asks for it (until is set) and hears nothing before then. epoch counts holders.
CREATE TABLE duties (
    name   TEXT PRIMARY KEY,
    holder TEXT NOT NULL,
    until  INTEGER,
    epoch  INTEGER NOT NULL
) STRICT;

ALTER TABLE accounts ADD COLUMN institution TEXT NOT NULL DEFAULT 'default';

-- subject: of the job. institution, course: whose it is, for fairness. cost: what an agent sets aside for it (MiB).
ALTER TABLE outbox ADD COLUMN subject TEXT;
ALTER TABLE outbox ADD COLUMN institution TEXT NOT NULL DEFAULT 'default';
ALTER TABLE outbox ADD COLUMN course TEXT NOT NULL DEFAULT '';
ALTER TABLE outbox ADD COLUMN cost INTEGER NOT NULL DEFAULT 256;

-- sent_to, sent: the lane its newest message went to, and its place in the order sent there; 0 as long as it is in the outbox.
-- (message is its number in the order written.) What an earlier build sent is given a place by the dispatcher.
ALTER TABLE jobs ADD COLUMN sent_to TEXT;
ALTER TABLE jobs ADD COLUMN sent INTEGER NOT NULL DEFAULT 0;
