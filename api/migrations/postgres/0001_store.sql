-- The whole store. Times are Unix microseconds, ids UUID text, documents JSON text, booleans 0 or 1.
-- The same tables in SQLite's words are in ../sqlite/; a test compares the lists.

CREATE TABLE accounts (
    id            TEXT PRIMARY KEY,
    name          TEXT NOT NULL UNIQUE,
    role          TEXT NOT NULL CHECK (role IN ('learner', 'author', 'grader', 'admin')),
    password_hash TEXT NOT NULL,
    created_at    BIGINT NOT NULL
);

-- Browsers that are logged in. Only the hash of the cookie is kept.
CREATE TABLE logins (
    secret_hash TEXT PRIMARY KEY,
    account     TEXT NOT NULL REFERENCES accounts (id),
    created_at  BIGINT NOT NULL,
    expires_at  BIGINT NOT NULL
);
CREATE INDEX logins_by_expiry ON logins (expires_at);

-- Bearer tokens of programs.
CREATE TABLE tokens (
    id          TEXT PRIMARY KEY,
    account     TEXT NOT NULL REFERENCES accounts (id),
    label       TEXT NOT NULL,
    secret_hash TEXT NOT NULL UNIQUE,
    created_at  BIGINT NOT NULL,
    expires_at  BIGINT NOT NULL
);
CREATE INDEX tokens_by_account ON tokens (account);

-- File contents, by SHA-256. touched_at lets housekeeping spare what is just being referred to.
CREATE TABLE blobs (
    digest     TEXT PRIMARY KEY,
    bytes      BYTEA NOT NULL,
    touched_at BIGINT NOT NULL
);

CREATE TABLE lesson_versions (
    digest       TEXT PRIMARY KEY,
    slug         TEXT NOT NULL,
    bundle       BYTEA NOT NULL,
    published_at BIGINT NOT NULL
);

-- The current version of each lesson, with what the list shows.
CREATE TABLE lessons (
    slug     TEXT PRIMARY KEY,
    digest   TEXT NOT NULL REFERENCES lesson_versions (digest),
    title    TEXT NOT NULL,
    summary  TEXT NOT NULL,
    course   TEXT NOT NULL,
    position BIGINT NOT NULL,
    language TEXT NOT NULL,
    minutes  BIGINT NOT NULL
);

-- saves counts every change of any of its files: the address of a state of the workspace.
-- started_digest is the version it was made from, digest the one whose files it last took in.
CREATE TABLE workspaces (
    id             TEXT PRIMARY KEY,
    account        TEXT NOT NULL REFERENCES accounts (id),
    lesson         TEXT NOT NULL REFERENCES lessons (slug),
    started_digest TEXT NOT NULL,
    digest         TEXT NOT NULL,
    saves          BIGINT NOT NULL,
    created_at     BIGINT NOT NULL,
    touched_at     BIGINT NOT NULL,
    UNIQUE (account, lesson)
);

-- The newest revision of every path that ever was; blob is null once the file is removed.
CREATE TABLE workspace_files (
    workspace  TEXT NOT NULL REFERENCES workspaces (id),
    path       TEXT NOT NULL,
    revision   BIGINT NOT NULL,
    save       BIGINT NOT NULL,
    blob       TEXT REFERENCES blobs (digest),
    size       BIGINT NOT NULL,
    executable BIGINT NOT NULL,
    PRIMARY KEY (workspace, path)
);
CREATE INDEX workspace_files_by_blob ON workspace_files (blob);

-- History, bounded by count and bytes per workspace.
CREATE TABLE workspace_revisions (
    workspace  TEXT NOT NULL REFERENCES workspaces (id),
    save       BIGINT NOT NULL,
    path       TEXT NOT NULL,
    revision   BIGINT NOT NULL,
    blob       TEXT REFERENCES blobs (digest),
    size       BIGINT NOT NULL,
    executable BIGINT NOT NULL,
    origin     TEXT NOT NULL,
    saved_at   BIGINT NOT NULL,
    PRIMARY KEY (workspace, save)
);
CREATE INDEX workspace_revisions_by_blob ON workspace_revisions (blob);

-- files_seen: the workspace's saves when an agent was last given its files.
CREATE TABLE sessions (
    id          TEXT PRIMARY KEY,
    workspace   TEXT NOT NULL REFERENCES workspaces (id),
    account     TEXT NOT NULL REFERENCES accounts (id),
    state       TEXT NOT NULL CHECK (state IN ('queued', 'starting', 'ready', 'ended')),
    state_since BIGINT NOT NULL,
    ready_since BIGINT,
    ready_until BIGINT,
    files_seen  BIGINT NOT NULL,
    end_reason  TEXT,
    created_at  BIGINT NOT NULL
);
CREATE UNIQUE INDEX sessions_one_live_per_workspace ON sessions (workspace) WHERE state <> 'ended';
CREATE INDEX sessions_live ON sessions (account) WHERE state <> 'ended';

-- Rights to open one socket once. credential is the login or token that asked, so that a logout closes the socket.
CREATE TABLE tickets (
    secret_hash TEXT PRIMARY KEY,
    session     TEXT NOT NULL REFERENCES sessions (id),
    account     TEXT NOT NULL REFERENCES accounts (id),
    credential  TEXT NOT NULL,
    expires_at  BIGINT NOT NULL
);

-- outcome: JSON of the verdict, of the lesson's fault, or the reason it was not graded; by state.
CREATE TABLE submissions (
    id            TEXT PRIMARY KEY,
    workspace     TEXT NOT NULL REFERENCES workspaces (id),
    account       TEXT NOT NULL REFERENCES accounts (id),
    lesson        TEXT NOT NULL,
    lesson_digest TEXT NOT NULL REFERENCES lesson_versions (digest),
    state         TEXT NOT NULL CHECK (state IN ('queued', 'running', 'graded', 'lesson_fault', 'not_graded')),
    passed        BIGINT NOT NULL,
    attempt       BIGINT NOT NULL,
    outcome       TEXT,
    submitted_at  BIGINT NOT NULL,
    finished_at   BIGINT
);
CREATE INDEX submissions_by_workspace ON submissions (workspace, submitted_at);
CREATE INDEX submissions_by_account ON submissions (account, state);
CREATE INDEX submissions_waiting ON submissions (submitted_at, id) WHERE state = 'queued';

CREATE TABLE submission_files (
    submission TEXT NOT NULL REFERENCES submissions (id),
    path       TEXT NOT NULL,
    revision   BIGINT NOT NULL,
    blob       TEXT NOT NULL REFERENCES blobs (digest),
    executable BIGINT NOT NULL,
    PRIMARY KEY (submission, path)
);
CREATE INDEX submission_files_by_blob ON submission_files (blob);

-- One grading run each; outcome null while it runs or when its agent was never heard of again.
CREATE TABLE attempts (
    submission   TEXT NOT NULL REFERENCES submissions (id),
    attempt      BIGINT NOT NULL,
    agent        TEXT NOT NULL,
    delivery     BIGINT NOT NULL,
    started_at   BIGINT NOT NULL,
    finished_at  BIGINT,
    outcome      TEXT,
    timings      TEXT,
    image_digest TEXT,
    PRIMARY KEY (submission, attempt)
);

-- subject is a session or a submission, by kind. Once finished_at is set, the token opens nothing more.
CREATE TABLE jobs (
    id          TEXT PRIMARY KEY,
    kind        TEXT NOT NULL CHECK (kind IN ('session', 'grading')),
    subject     TEXT NOT NULL UNIQUE,
    token_hash  TEXT NOT NULL,
    created_at  BIGINT NOT NULL,
    finished_at BIGINT
);

-- Messages on their way to the queue, written with the change they speak of.
CREATE TABLE outbox (
    id         BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    lane       TEXT NOT NULL CHECK (lane IN ('session', 'grading')),
    body       TEXT NOT NULL,
    created_at BIGINT NOT NULL
);

-- What a repeated request with the same Idempotency-Key is answered.
CREATE TABLE idempotency (
    account      TEXT NOT NULL REFERENCES accounts (id),
    key          TEXT NOT NULL,
    request_hash TEXT NOT NULL,
    response     TEXT NOT NULL,
    created_at   BIGINT NOT NULL,
    PRIMARY KEY (account, key)
);
CREATE INDEX idempotency_by_age ON idempotency (created_at);

-- Everything that happened, appended in the transaction that made it so. Never updated.
CREATE TABLE events (
    seq     BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    stream  TEXT NOT NULL,
    version BIGINT NOT NULL,
    type    TEXT NOT NULL,
    data    TEXT NOT NULL,
    actor   TEXT NOT NULL,
    at      BIGINT NOT NULL,
    UNIQUE (stream, version)
);
