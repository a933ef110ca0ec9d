-- A place in the log that readers may rely on; see src/store/log.rs. What is there already keeps its order by seq, before
-- all that comes. Neither step rewrites the table: the first default is a constant, the second is for rows to come.
ALTER TABLE events ADD COLUMN turn BIGINT NOT NULL DEFAULT 0;
ALTER TABLE events ALTER COLUMN turn SET DEFAULT GREATEST(
    pg_snapshot_xmax(pg_current_snapshot())::text::bigint - 1, pg_current_xact_id()::text::bigint);

-- About this database, not about what it holds; never carried elsewhere.
-- log_base: added to the server's transaction ids to make turns. oldest_schema: builds that know no migration from this
-- one on cannot work here any more.
CREATE TABLE store_facts (
    name   TEXT PRIMARY KEY,
    number BIGINT NOT NULL
);
INSERT INTO store_facts (name, number) VALUES ('log_base', 0), ('oldest_schema', 0);
