-- SQLite has one writer, so that events are committed in the order of seq: no column is needed.

-- About this database, not about what it holds; never carried elsewhere.
-- oldest_schema: builds that know no migration from this one on cannot work here any more.
CREATE TABLE store_facts (
    name   TEXT PRIMARY KEY,
    number INTEGER NOT NULL
) STRICT;
INSERT INTO store_facts (name, number) VALUES ('oldest_schema', 0);
