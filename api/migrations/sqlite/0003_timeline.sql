-- The timeline. Of saves up to history_from only each file's last state is kept; a hand-in took the files as they stood
-- after `save`.
ALTER TABLE workspaces ADD COLUMN history_from INTEGER NOT NULL DEFAULT 0;
UPDATE workspaces SET history_from = COALESCE(
    (SELECT MIN(save) - 1 FROM workspace_revisions r WHERE r.workspace = workspaces.id), saves);

-- Until now a file's state went with the saves that were forgotten.
INSERT INTO workspace_revisions (workspace, save, path, revision, blob, size, executable, origin, saved_at)
SELECT f.workspace, f.save, f.path, f.revision, f.blob, f.size, f.executable, 'learner', w.created_at
FROM workspace_files f JOIN workspaces w ON w.id = f.workspace
WHERE f.blob IS NOT NULL AND f.save <= w.history_from AND NOT EXISTS (
    SELECT 1 FROM workspace_revisions r WHERE r.workspace = f.workspace AND r.save = f.save);

ALTER TABLE submissions ADD COLUMN save INTEGER NOT NULL DEFAULT 0;
UPDATE submissions SET save = COALESCE(
    (SELECT MAX(r.save) FROM workspace_revisions r
     WHERE r.workspace = submissions.workspace AND r.saved_at <= submissions.submitted_at), 0);
