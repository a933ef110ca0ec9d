// Generated from the crate ide-protocol by its test `typescript`. Do not edit: change the Rust types and run
// `UPDATE_GENERATED=1 cargo test -p ide-protocol --features schema --test typescript`.

export const PROTOCOL_VERSION = 1;
export const FRAME_HEADER_BYTES = 18;
export const MAX_FILE_BYTES = 1048576;
export const MAX_VIEWER_MESSAGE_BYTES = 65536;
export const MAX_PAYLOAD_BYTES = 32768;
export const CHANNEL_WINDOW_BYTES = 131072;
export const MAX_VIEWER_CHANNELS = 2;
export const MAX_TERMINALS = 8;
export const VIEWER_WINDOW_BYTES = 262144;
export const SETTINGS_VERSION = 1;
export const CLOSE_NORMAL = 1000;
export const CLOSE_GOING_AWAY = 1001;
export const CLOSE_TOO_BIG = 1009;
export const CLOSE_MALFORMED = 4400;
export const CLOSE_UNAUTHORIZED = 4401;
export const CLOSE_FORBIDDEN = 4403;
export const CLOSE_TOO_SLOW = 4408;
export const CLOSE_REPLACED = 4409;
export const CLOSE_SESSION_ENDED = 4410;
export const CLOSE_VERSION_MISMATCH = 4426;
export const CLOSE_TOO_MANY = 4429;

/**
 * The account behind a request: `GET /api/v1/me`.
 */
export type Account = { id: string, name: string, role: Role, };

/**
 * Bytes that travel as one base64 string (standard alphabet, padded).
 */
export type Base64Bytes = string;

/**
 * Who changed a stored file.
 */
export type ChangeOrigin = { "type": "client", client: string | null, } | { "type": "container" };

/**
 * What is said about a channel, in both directions and at every hop. Between agent and guest `T` is a
 * [`GuestTarget`](crate::guest::GuestTarget).
 */
export type ChannelMessage = { "type": "open", channel: number, target: ChannelTarget, } | { "type": "opened", channel: number, } | { "type": "granted", channel: number, up_to: number, } | { "type": "finished", channel: number, } | { "type": "closed", channel: number, reason: ChannelProblem | null, };

/**
 * Why a channel is over, or never began.
 */
export type ChannelProblem = { "type": "no_container" } | { "type": "not_allowed" } | { "type": "too_many", limit: number, } | { "type": "nothing_listens", port: number, } | { "type": "no_answer", port: number, limit_ms: number, } | { "type": "cannot_start", detail: string, } | { "type": "program_ended", status: ExitStatus, } | { "type": "broken", detail: string, } | { "type": "rule_broken" };

/**
 * Where a channel leads.
 */
export type ChannelTarget = { "type": "port", port: number, } | { "type": "language_server", language: string, };

/**
 * Why a session is over.
 */
export type EndReason = { "type": "asked" } | { "type": "idle" } | { "type": "time_limit" } | { "type": "container_lost", detail: string, } | { "type": "host_fault", detail: string, };

/**
 * How a run ended. Limits are the ones in force, so that the sentence a person reads can name them.
 */
export type Ending = { "type": "exited", code: number, } | { "type": "signaled", signal: number, } | { "type": "timed_out", limit_ms: number, } | { "type": "output_limit", limit_bytes: number, } | { "type": "out_of_memory", limit_mib: number, } | { "type": "stopped" };

/**
 * How a process ended.
 */
export type ExitStatus = { "type": "exited", code: number, } | { "type": "signaled", signal: number, };

/**
 * The bytes of a file: text when they are UTF-8, else base64.
 */
export type FileContent = { "encoding": "text", "data": string } | { "encoding": "base64", "data": Base64Bytes };

/**
 * What a file is in its lesson.
 */
export type FileRole = "editable" | "read_only" | "hidden";

/**
 * What became of a hand-in, in short; all of it is at `GET /api/v1/submissions/{id}`.
 */
export type HandInResult = { "type": "waiting" } | { "type": "passed" } | { "type": "not_passed" } | { "type": "did_not_count" };

/**
 * `POST /api/v1/lessons/{slug}/hints/{n}` shows hint `n`, of which the one before must have been shown;
 * `GET /api/v1/lessons/{slug}/hints` lists those shown.
 */
export type Hint = { number: number, 
/**
 * Sanitised HTML.
 */
html: string, };

/**
 * A bearer token just made; `secret` is shown this once.
 */
export type IssuedToken = { secret: string, id: string, label: string, expires_at: number, };

/**
 * `GET /api/v1/lessons/{slug}`
 */
export type LessonDetail = { 
/**
 * Digest of the version shown (lower-case hex SHA-256).
 */
digest: string, 
/**
 * Sanitised HTML.
 */
instructions_html: string, 
/**
 * Pages to read, in order.
 */
theory: Array<TheoryPage>, 
/**
 * How many hints there are; `POST …/hints/{n}` shows them, from 1, one after the other.
 */
hints: number, 
/**
 * How many the asking learner has been shown.
 */
hints_shown: number, 
/**
 * Never hidden ones.
 */
files: Array<LessonFile>, tests: LessonTests, 
/**
 * Servers of the learner's that the IDE can show, in the author's order.
 */
previews: Array<PreviewPort>, solution: SolutionAccess, 
/**
 * Slug of the next lesson of the course.
 */
next: string | null, 
/**
 * Stable name in URLs (`pipes-and-filters`).
 */
slug: string, title: string, 
/**
 * One sentence.
 */
summary: string, course: string, 
/**
 * Place in its course, from 1.
 */
position: number, language: string, 
/**
 * Minutes a learner typically needs.
 */
time_budget_minutes: number, progress: Progress, };

/**
 * The lesson is broken; its author has to act. Costs the learner nothing.
 */
export type LessonFault = { "type": "no_report", detail: string, } | { "type": "bad_report", detail: string, } | { "type": "unusable", detail: string, };

export type LessonFile = { path: WorkspacePath, role: FileRole, };

export type LessonTests = { 
/**
 * In the lesson's order.
 */
visible: Array<VisibleTest>, 
/**
 * How many more handing in runs.
 */
hidden: number, wall_seconds: number, memory_mib: number, };

/**
 * One row of `GET /api/v1/live-sessions`: a lesson that somebody has open right now.
 */
export type LiveSession = { id: string, workspace: string, 
/**
 * Name of the learner's account.
 */
learner: string, 
/**
 * Slug and title of the lesson.
 */
lesson: string, title: string, 
/**
 * How long ago it was asked for, in seconds.
 */
age_seconds: number, state: SessionState, 
/**
 * How the asking account stands to it; absent when it never asked to look on.
 */
watching: WatchState | null, };

/**
 * `GET /api/v1/live-sessions`
 */
export type LiveSessions = { 
/**
 * Newest first, at most 200.
 */
sessions: Array<LiveSession>, 
/**
 * There are more than are listed.
 */
more: boolean, };

/**
 * `POST /api/v1/login`
 */
export type Login = { name: string, password: string, };

/**
 * `POST /api/v1/sessions/{id}/extensions`: more time. Names the end that it moves, so that two clicks extend once.
 */
export type NewExtension = { 
/**
 * `until` of the state, as the caller knows it.
 */
until: number, };

/**
 * `POST /api/v1/sessions`: answers the live session of the workspace, or asks for one.
 */
export type NewSession = { workspace: string, };

/**
 * `POST /api/v1/tokens`
 */
export type NewToken = { 
/**
 * What it is for, for the list.
 */
label: string, 
/**
 * 1 to 366.
 */
days: number, };

/**
 * `POST /api/v1/sessions/{id}/previews`
 */
export type OpenPreview = { 
/**
 * One that the lesson declares.
 */
port: number, 
/**
 * Path and query to begin at; `/` and visible ASCII characters.
 */
path: string, };

/**
 * The closed set of verdicts a learner can get.
 */
export type Outcome = "passed" | "failed" | "compile_error" | "crashed" | "timed_out" | "out_of_memory" | "output_limit";

export type PastEntry = { path: WorkspacePath, compared: ThenAndNow, };

/**
 * `GET …/timeline/{save}/files/{path}`, `GET /api/v1/submissions/{id}/files/{path}`
 */
export type PastFile = { path: WorkspacePath, revision: number, content: FileContent, executable: boolean, };

/**
 * The files as they were then, beside what there is now: `GET /api/v1/workspaces/{id}/timeline/{save}`,
 * `GET /api/v1/submissions/{id}/files`. By path.
 */
export type PastFiles = { files: Array<PastEntry>, };

/**
 * A line of a file, counted from 1.
 */
export type Place = { path: WorkspacePath, line: number, };

/**
 * What a burst of saves did to one file, all in all.
 */
export type PointChange = { path: WorkspacePath, kind: PointChangeKind, 
/**
 * Everyone who had a hand in it, each once, the first first.
 */
by: Array<SavedBy>, };

export type PointChangeKind = "added" | "changed" | "removed";

/**
 * An HTTP server that the lesson has the learner start in the container.
 */
export type PreviewPort = { port: number, title: string, 
/**
 * Path and query shown first.
 */
path: string, };

/**
 * Lets one browser into a preview: to be opened, in a frame or a window, once and within 30 seconds.
 */
export type PreviewTicket = { 
/**
 * Absolute, on the preview's own origin.
 */
url: string, };

/**
 * RFC 9457 problem details, `application/problem+json`: the body of every error.
 */
export type Problem = { 
/**
 * Stable, relative to the API's documentation (`/problems/stale-revision`).
 */
type: string, title: string, status: number, 
/**
 * What happened and what to do next, for people.
 */
detail: string, 
/**
 * Quote it when asking for help; it is in the server's log.
 */
request_id: string, 
/**
 * With `/problems/stale-revision`: what is stored now.
 */
current?: StoredFile | null, };

export type Processes = { count: number, limit: number, };

/**
 * How far the asking learner has got with a lesson.
 */
export type Progress = "not_started" | "started" | "passed";

/**
 * `POST /api/v1/workspaces/{id}/renames`. Refuses to replace what is there. Renames a file, or every file below a
 * folder.
 */
export type RenameFile = { from: WorkspacePath, to: WorkspacePath, };

/**
 * `POST /api/v1/workspaces/{id}/restores`: makes files what they were. That is a change like any other: it is in the
 * timeline and can be undone.
 */
export type Restore = { from: RestoreFrom, 
/**
 * Only these; a path that was not there then is removed. Absent: all, and of a workspace's earlier state or its
 * starter also what has been added since is removed.
 */
paths?: Array<WorkspacePath> | null, };

export type RestoreFrom = { "type": "save", save: number, } | { "type": "submission", submission: string, } | { "type": "starter" };

/**
 * What a restore did.
 */
export type Restored = { 
/**
 * By path; empty when everything was so already.
 */
changed: Array<WorkspacePath>, 
/**
 * What to ask for to undo it; nothing when nothing changed.
 */
undo: Restore | null, 
/**
 * As it is now.
 */
workspace: Workspace, };

/**
 * What an account may do. Each includes what a learner may.
 */
export type Role = "learner" | "author" | "grader" | "admin";

/**
 * Which of a run's streams.
 */
export type RunStream = "stdout" | "stderr" | "report";

/**
 * `PUT /api/v1/workspaces/{id}/files/{path}` with `If-Match: "<revision>"` (`"0"` to create) and, from browsers,
 * `Gradus-Client: <client>`. `412` with the stored file when the revision is stale.
 */
export type SaveFile = { content: FileContent, executable: boolean, };

/**
 * Where a stored change came from.
 */
export type SavedBy = "learner" | "program" | "lesson" | "restored" | "reset";

export type Session = { id: string, workspace: string, state: SessionState, };

/**
 * Relay or agent → browser.
 */
export type SessionMessage = { "type": "welcome", version: number, viewer: number, state: SessionState, } | { "type": "state_changed", state: SessionState, } | { "type": "terminals_listed", terminals: Array<TerminalInfo>, 
/**
 * The run in flight, if any.
 */
run: number | null, } | { "type": "terminal_opened", terminal: number, size: TerminalSize, 
/**
 * Who asked for it.
 */
viewer: number, } | { "type": "terminal_attached", terminal: number, offset: number, 
/**
 * What this client typed up to here has arrived; resend from here on.
 */
input_offset: number, } | { "type": "input_received", terminal: number, offset: number, } | { "type": "terminal_resized", terminal: number, size: TerminalSize, } | { "type": "terminal_exited", terminal: number, status: ExitStatus, } | { "type": "terminal_closed", terminal: number, } | { "type": "file_changed", path: WorkspacePath, revision: number, removed: boolean, 
/**
 * What changed it, so that a tab can leave out its own saves.
 */
origin: ChangeOrigin, } | { "type": "run_started", run: number, } | { "type": "run_output", run: number, stream: RunStream, text: string, } | { "type": "test_finished", run: number, result: TestResult, } | { "type": "run_finished", run: number, verdict: Verdict, } | { "type": "run_failed", run: number | null, message: string, } | { "type": "submission_changed", submission: string, state: SubmissionState, } | { "type": "usage", usage: Usage, } | { "type": "watchers_changed", watchers: Array<Watcher>, } | { "type": "pointed", mentor: string, name: string, place: Place | null, } | { "type": "request_refused", message: string, } | { "type": "channel", message: ChannelMessage, };

/**
 * The life of a session. Only forward, but for a lost host: `ready` → `queued`.
 */
export type SessionState = { "type": "queued" } | { "type": "starting" } | { "type": "ready", since: number, 
/**
 * When the time limit ends it.
 */
until: number, 
/**
 * How long it is kept while no page of its learner is connected.
 */
idle_seconds: number, 
/**
 * How often it may still be extended, and by how much each time.
 */
extensions_left: number, extension_seconds: number, } | { "type": "ended", reason: EndReason, };

/**
 * The value of one field.
 */
export type SettingValue = boolean | number | string;

/**
 * `GET /api/v1/me/settings`, and the answer to `PATCH`.
 */
export type Settings = { version: number, 
/**
 * Only what was chosen; the rest is as the IDE has it by default.
 */
fields: { [key in string]: SettingValue }, };

/**
 * `PATCH /api/v1/me/settings`: the fields that change. `null` goes back to the default.
 */
export type SettingsChange = { version: number, fields: { [key in string]: SettingValue | null }, };

/**
 * `GET /api/v1/lessons/{slug}/solution`; `403` with `/problems/solution-locked` until it may be seen.
 */
export type Solution = { 
/**
 * Digest of the lesson version it belongs to.
 */
lesson_digest: string, 
/**
 * The editable files that it changes, by path.
 */
files: Array<SolutionFile>, };

/**
 * Whether the asking learner may see the author's solution.
 */
export type SolutionAccess = { "type": "open" } | { "type": "after_passing" } | { "type": "after_hand_ins", count: number, graded: number, } | { "type": "never" };

export type SolutionFile = { path: WorkspacePath, content: FileContent, };

/**
 * `GET /api/v1/workspaces/{id}/files/{path}`; also the answer to a save, and (as `current` of the problem) to a
 * save on a stale revision. `ETag` is the revision in quotes.
 */
export type StoredFile = { path: WorkspacePath, role: FileRole, revision: number, content: FileContent, executable: boolean, };

/**
 * `POST /api/v1/workspaces/{id}/submissions` hands in what is stored, with `Idempotency-Key`.
 * `GET /api/v1/submissions/{id}`.
 */
export type Submission = { id: string, workspace: string, lesson: string, lesson_digest: string, submitted_at: number, state: SubmissionState, };

/**
 * The life of a submission. `graded`, `lesson_fault` and `not_graded` are final.
 */
export type SubmissionState = { "type": "queued", ahead: number, failed_attempts: number, } | { "type": "running", attempt: number, } | { "type": "graded", verdict: Verdict, graded_at: number, } | { "type": "lesson_fault", fault: LessonFault, } | { "type": "not_graded", reason: string, };

/**
 * A terminal as a newcomer to the session needs to know it.
 */
export type TerminalInfo = { terminal: number, size: TerminalSize, 
/**
 * Bytes the terminal has put out since it was opened.
 */
output_offset: number, 
/**
 * Set once its program has ended; its last output can still be read.
 */
exited: ExitStatus | null, };

/**
 * Width and height in character cells.
 */
export type TerminalSize = { columns: number, rows: number, };

/**
 * One test of a run.
 */
export type TestResult = { 
/**
 * Identity within the lesson, as the report format gives it (JUnit: `classname.name`; TAP: description).
 */
id: string, 
/**
 * What people read.
 */
name: string, status: TestStatus, 
/**
 * Why it did not pass, in the test framework's words; at most
 * [`MAX_TEST_TEXT_BYTES`](crate::limits::MAX_TEST_TEXT_BYTES).
 */
message?: string | null, 
/**
 * What the learner's program printed during this test, where the format tells.
 */
output?: string | null, duration_ms?: number | null, 
/**
 * Whether the test's text is kept from learners.
 */
hidden: boolean, };

export type TestSource = { path: WorkspacePath, 
/**
 * Of its first line, from 1.
 */
line: number, 
/**
 * The lines that define it.
 */
text: string, };

/**
 * What one test showed.
 */
export type TestStatus = "passed" | "failed" | "errored" | "skipped" | "missing";

export type ThenAndNow = "same" | "different" | "only_then" | "only_now";

/**
 * A page of theory.
 */
export type TheoryPage = { title: string, 
/**
 * Sanitised HTML.
 */
html: string, };

/**
 * `POST /api/v1/sessions/{id}/tickets`: the right to open the session's socket once, within 30 seconds.
 */
export type Ticket = { 
/**
 * Path and query of the socket, on this host (`/api/v1/sessions/…/socket?ticket=…`).
 */
url: string, 
/**
 * The server's clock, as the browser's may be wrong.
 */
now: number, };

/**
 * `GET /api/v1/workspaces/{id}/timeline?before=<save>`: the newest first, a page at a time.
 */
export type Timeline = { entries: Array<TimelineEntry>, 
/**
 * `before` of the next page; nothing when this was the last.
 */
older: number | null, 
/**
 * Whether older saves were forgotten: history is bounded.
 */
forgotten: boolean, };

export type TimelineEntry = { "type": "saved", save: number, 
/**
 * When its first save was made.
 */
since: number, 
/**
 * When its last one was.
 */
at: number, changes: Array<PointChange>, } | { "type": "handed_in", submission: string, save: number, at: number, result: HandInResult, };

/**
 * How far a verdict can be believed.
 */
export type Trust = "in_process" | "isolated";

/**
 * What a container uses of what it may.
 */
export type Usage = { 
/**
 * What cannot be taken back without killing: programs and files in memory, without caches of files on disk.
 */
memory_bytes: number, memory_limit_bytes: number, 
/**
 * Of the processor time it may have, since the last look; absent at the first one.
 */
cpu_percent: number | null, 
/**
 * Processes and threads; absent where the host does not count them.
 */
processes: Processes | null, };

/**
 * What a learner's work came to. Final.
 */
export type Verdict = { outcome: Outcome, ending: Ending, trust: Trust, 
/**
 * Every expected test once, in the lesson's order, then any the run added.
 */
tests: Array<TestResult>, 
/**
 * The end of what the run printed, outside of tests; at most
 * [`MAX_RUN_OUTPUT_BYTES`](crate::limits::MAX_RUN_OUTPUT_BYTES).
 */
output: string, 
/**
 * Bytes of output that were dropped before `output` begins.
 */
output_dropped_bytes: number, duration_ms: number, };

/**
 * Browser → relay. All but [`Hello`](Self::Hello) and [`Point`](Self::Point) are passed on to the agent.
 */
export type ViewerMessage = { "type": "hello", version: number, client: string, } | { "type": "open_terminal", size: TerminalSize, } | { "type": "attach_terminal", terminal: number, from_offset: number, } | { "type": "acknowledge_output", terminal: number, offset: number, } | { "type": "resize_terminal", terminal: number, size: TerminalSize, } | { "type": "close_terminal", terminal: number, } | { "type": "run_tests" } | { "type": "stop_run", run: number, } | { "type": "channel", message: ChannelMessage, } | { "type": "point", place: Place | null, };

/**
 * A test that learners may read.
 */
export type VisibleTest = { 
/**
 * As in [`TestResult`](crate::results::TestResult).
 */
id: string, 
/**
 * Where it is written, if it could be found.
 */
source: TestSource | null, };

/**
 * `PUT /api/v1/sessions/{id}/watchers/{mentor}`: the learner's answer.
 */
export type WatchAnswer = { allowed: boolean, };

/**
 * What has become of a wish to look on in a session. A wish that was refused or ended may be made again.
 */
export type WatchState = "asked" | "allowed" | "refused" | "ended";

/**
 * Somebody who asked to look on: `POST` and `GET /api/v1/sessions/{id}/watchers`.
 */
export type Watcher = { 
/**
 * Whose account, and its name.
 */
mentor: string, name: string, state: WatchState, 
/**
 * Whether a page of theirs is connected at this moment.
 */
present: boolean, };

/**
 * A learner's files in a lesson: `POST /api/v1/lessons/{slug}/workspace`, `GET /api/v1/workspaces/{id}`.
 */
export type Workspace = { id: string, lesson: string, 
/**
 * By path. Lesson files that are shown but not editable are among them, with role `read_only`.
 */
files: Array<WorkspaceEntry>, 
/**
 * The live session, if any.
 */
session: Session | null, 
/**
 * Newest first, at most 20.
 */
submissions: Array<Submission>, };

export type WorkspaceEntry = { path: WorkspacePath, role: FileRole, revision: number, size: number, };

/**
 * A path inside a workspace: relative, `/`-separated, UTF-8, without empty, `.` or `..` parts and without
 * control characters. Holding one proves that it was checked; deserialising checks.
 */
export type WorkspacePath = string;
