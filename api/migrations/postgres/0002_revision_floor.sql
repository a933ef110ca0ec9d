-- Removed files are forgotten after a while; a path that comes back later starts above every revision forgotten, so
-- that revisions only ever grow.
ALTER TABLE workspaces ADD COLUMN revision_floor BIGINT NOT NULL DEFAULT 0;
