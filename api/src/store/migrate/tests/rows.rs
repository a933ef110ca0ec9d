//! A small installation as builds of each schema version left it: by version, the statements that a build of it would have
//! run on top of what was there. Written once and never changed: the rows are the past.

use uuid::Uuid;

pub const ADA: Uuid = Uuid::from_u128(0xada);
pub const WORKSPACE: Uuid = Uuid::from_u128(0x3077);
pub const SESSION: Uuid = Uuid::from_u128(0x5e55);
pub const GRADED: Uuid = Uuid::from_u128(0x6ad3);
pub const QUEUED: Uuid = Uuid::from_u128(0x9ed);

/// Bytes cannot be written alike for both databases: `(digest, bytes)` of contents and lesson versions.
pub const CONTENTS: [(&str, &[u8]); 3] = [("d1", b"# read me"), ("d2", b"print(1)"), ("d3", b"print(\xff)")];
pub const BUNDLE: (&str, &[u8]) = ("l1", b"\x28\xb5\x2f\xfd no real bundle");

/// What version 1 is given besides [`CONTENTS`] and [`BUNDLE`], and each later one on top.
pub const ROWS: &[(i64, &[&str])] = &[
    (
        1,
        &[
            "INSERT INTO accounts (id, name, role, password_hash, created_at) VALUES
               ('00000000-0000-0000-0000-000000000ada', 'ada', 'learner', 'hash', 1),
               ('00000000-0000-0000-0000-0000000006ac', 'grace', 'grader', 'hash', 2)",
            "INSERT INTO logins (secret_hash, account, created_at, expires_at) VALUES
               ('login', '00000000-0000-0000-0000-000000000ada', 1, 9000000000000000)",
            "INSERT INTO tokens (id, account, label, secret_hash, created_at, expires_at) VALUES
               ('00000000-0000-0000-0000-0000000070c0', '00000000-0000-0000-0000-0000000006ac', 'script', 'token', 1, 9000000000000000)",
            "INSERT INTO lessons (slug, digest, title, summary, course, position, language, minutes) VALUES
               ('greet', 'l1', 'Greet', 'Say hello', 'first', 1, 'python', 5)",
            "INSERT INTO workspaces (id, account, lesson, started_digest, digest, saves, created_at, touched_at) VALUES
               ('00000000-0000-0000-0000-000000003077', '00000000-0000-0000-0000-000000000ada', 'greet', 'l1', 'l1', 4, 10, 40)",
            "INSERT INTO workspace_files (workspace, path, revision, save, blob, size, executable) VALUES
               ('00000000-0000-0000-0000-000000003077', 'README.md', 1, 1, 'd1', 9, 0),
               ('00000000-0000-0000-0000-000000003077', 'main.py', 2, 3, 'd3', 8, 1),
               ('00000000-0000-0000-0000-000000003077', 'old.py', 2, 4, NULL, 0, 0)",
            // The first save was forgotten, as builds of version 1 and 2 did when there were many.
            "INSERT INTO workspace_revisions (workspace, save, path, revision, blob, size, executable, origin, saved_at) VALUES
               ('00000000-0000-0000-0000-000000003077', 2, 'main.py', 1, 'd2', 8, 0, 'learner', 20),
               ('00000000-0000-0000-0000-000000003077', 3, 'main.py', 2, 'd3', 8, 1, 'learner', 30),
               ('00000000-0000-0000-0000-000000003077', 4, 'old.py', 2, NULL, 0, 0, 'learner', 40)",
            "INSERT INTO sessions (id, workspace, account, state, state_since, ready_since, ready_until, files_seen, created_at) VALUES
               ('00000000-0000-0000-0000-000000005e55', '00000000-0000-0000-0000-000000003077', '00000000-0000-0000-0000-000000000ada', 'ready', 50, 50, 9000, 3, 45)",
            "INSERT INTO tickets (secret_hash, session, account, credential, expires_at) VALUES
               ('ticket', '00000000-0000-0000-0000-000000005e55', '00000000-0000-0000-0000-000000000ada', 'login', 9000000000000000)",
            "INSERT INTO submissions (id, workspace, account, lesson, lesson_digest, state, passed, attempt, outcome, submitted_at, finished_at) VALUES
               ('00000000-0000-0000-0000-000000006ad3', '00000000-0000-0000-0000-000000003077', '00000000-0000-0000-0000-000000000ada', 'greet', 'l1', 'graded', 1, 1,
                '{\"outcome\":\"passed\",\"ending\":{\"type\":\"exited\",\"code\":0},\"trust\":\"in_process\",\"tests\":[],\"output\":\"hello\",\"output_dropped_bytes\":0,\"duration_ms\":12}', 31, 35),
               ('00000000-0000-0000-0000-0000000009ed', '00000000-0000-0000-0000-000000003077', '00000000-0000-0000-0000-000000000ada', 'greet', 'l1', 'queued', 0, 0, NULL, 41, NULL)",
            "INSERT INTO submission_files (submission, path, revision, blob, executable) VALUES
               ('00000000-0000-0000-0000-000000006ad3', 'main.py', 2, 'd3', 1)",
            "INSERT INTO attempts (submission, attempt, agent, delivery, started_at, finished_at, outcome, timings, image_digest) VALUES
               ('00000000-0000-0000-0000-000000006ad3', 1, 'host', 1, 32, 35, NULL, NULL, 'sha256:00')",
            "INSERT INTO jobs (id, kind, subject, token_hash, created_at, finished_at) VALUES
               ('00000000-0000-0000-0000-00000000a0b1', 'session', '00000000-0000-0000-0000-000000005e55', 'job-1', 45, NULL),
               ('00000000-0000-0000-0000-00000000a0b2', 'grading', '00000000-0000-0000-0000-0000000009ed', 'job-2', 41, NULL)",
            "INSERT INTO outbox (lane, body, created_at) VALUES ('grading', '{}', 41)",
            "INSERT INTO idempotency (account, key, request_hash, response, created_at) VALUES
               ('00000000-0000-0000-0000-000000000ada', 'key', 'hash', '{}', 41)",
            "INSERT INTO events (stream, version, type, data, actor, at) VALUES
               ('workspace:00000000-0000-0000-0000-000000003077', 1, 'workspace_created', '{}', 'account:00000000-0000-0000-0000-000000000ada', 10),
               ('workspace:00000000-0000-0000-0000-000000003077', 2, 'file_saved', '{}', 'account:00000000-0000-0000-0000-000000000ada', 30),
               ('submission:00000000-0000-0000-0000-000000006ad3', 1, 'submitted', '{}', 'account:00000000-0000-0000-0000-000000000ada', 31)",
        ],
    ),
    (2, &["UPDATE workspaces SET revision_floor = 7"]),
    (
        4,
        &["INSERT INTO account_settings (account, field, value, changed_at) VALUES
             ('00000000-0000-0000-0000-000000000ada', 'theme', '\"dark\"', 60)"],
    ),
    (
        5,
        &["INSERT INTO session_watchers (session, mentor, state, asked_at, changed_at) VALUES
             ('00000000-0000-0000-0000-000000005e55', '00000000-0000-0000-0000-0000000006ac', 'allowed', 61, 62)"],
    ),
    (6, &["UPDATE workspaces SET hints_shown = 2"]),
    (
        7,
        &["INSERT INTO preview_grants (secret_hash, session, port, account, credential, expires_at) VALUES
             ('grant', '00000000-0000-0000-0000-000000005e55', 8000, '00000000-0000-0000-0000-000000000ada', 'login', 9000000000000000)"],
    ),
    (9, &["UPDATE jobs SET message = 1, started = 1 WHERE kind = 'session'"]),
    (10, &["UPDATE attempts SET voided_at = 70, voided_because = 'the host was not well'"]),
];
