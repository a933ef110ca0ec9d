-- What a learner has looked at beside the work: hints, of which each needs the one before, and the author's solution.
ALTER TABLE workspaces ADD COLUMN hints_shown BIGINT NOT NULL DEFAULT 0;
ALTER TABLE workspaces ADD COLUMN solution_shown_at BIGINT;
