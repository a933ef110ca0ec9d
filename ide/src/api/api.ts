// Every route of the API that the IDE uses, typed. One object, so that tests can stand in for the server.
import {
  type Account,
  type Hint,
  type LessonDetail,
  type LiveSessions,
  type PastFile,
  type PastFiles,
  type PreviewTicket,
  type Restore,
  type Restored,
  type SaveFile,
  SETTINGS_VERSION,
  type Session,
  type Settings,
  type SettingsChange,
  type Solution,
  type StoredFile,
  type Submission,
  type Ticket,
  type Timeline,
  type Watcher,
  type Workspace,
} from "../protocol/generated";
import type { Past } from "../state/timeline";
import { ask } from "./http";

/** One row of the lesson list. */
export type LessonSummary = Pick<
  LessonDetail,
  "slug" | "title" | "summary" | "course" | "position" | "language" | "time_budget_minutes" | "progress"
>;

const V1 = "/api/v1";

/** Names this browser tab on saves and on the socket, so that it can tell its own changes from others'. */
export const CLIENT_ID: string = newId();

/** What is left out is no condition. */
export type LiveFilter = Partial<Record<"lesson" | "learner" | "state", string>>;

export interface Api {
  login(name: string, password: string, signal?: AbortSignal): Promise<void>;
  logout(signal?: AbortSignal): Promise<void>;
  me(signal?: AbortSignal): Promise<Account>;
  settings(signal?: AbortSignal): Promise<Settings>;
  /** Sets the fields named; answers all. */
  changeSettings(fields: SettingsChange["fields"], signal?: AbortSignal): Promise<Settings>;
  lessons(signal?: AbortSignal): Promise<LessonSummary[]>;
  lesson(slug: string, signal?: AbortSignal): Promise<LessonDetail>;
  /** Those shown already. */
  hints(slug: string, signal?: AbortSignal): Promise<Hint[]>;
  /** Shows one; the one before has to be shown already. */
  showHint(slug: string, number: number, signal?: AbortSignal): Promise<Hint>;
  /** The author's, once the lesson's rule allows. */
  solution(slug: string, signal?: AbortSignal): Promise<Solution>;
  openWorkspace(slug: string, signal?: AbortSignal): Promise<Workspace>;
  workspace(id: string, signal?: AbortSignal): Promise<Workspace>;
  readFile(workspace: string, path: string, signal?: AbortSignal): Promise<StoredFile>;
  saveFile(
    workspace: string,
    path: string,
    revision: number,
    file: SaveFile,
    signal?: AbortSignal,
  ): Promise<StoredFile>;
  deleteFile(workspace: string, path: string, revision: number, signal?: AbortSignal): Promise<void>;
  rename(workspace: string, from: string, to: string, signal?: AbortSignal): Promise<void>;
  openSession(workspace: string, signal?: AbortSignal): Promise<Session>;
  extendSession(id: string, until: number, signal?: AbortSignal): Promise<Session>;
  session(id: string, signal?: AbortSignal): Promise<Session>;
  liveSessions(filter: LiveFilter, signal?: AbortSignal): Promise<LiveSessions>;
  askToWatch(session: string, signal?: AbortSignal): Promise<Watcher>;
  watchers(session: string, signal?: AbortSignal): Promise<Watcher[]>;
  answerWatch(session: string, mentor: string, allowed: boolean, signal?: AbortSignal): Promise<void>;
  endWatch(session: string, mentor: string, signal?: AbortSignal): Promise<void>;
  endSession(id: string, signal?: AbortSignal): Promise<void>;
  ticket(session: string, signal?: AbortSignal): Promise<Ticket>;
  openPreview(session: string, port: number, path: string, signal?: AbortSignal): Promise<PreviewTicket>;
  submit(workspace: string, idempotencyKey: string, signal?: AbortSignal): Promise<Submission>;
  submission(id: string, signal?: AbortSignal): Promise<Submission>;
  /** Entries before `before`; the newest when it is null. */
  timeline(workspace: string, before: number | null, signal?: AbortSignal): Promise<Timeline>;
  pastFiles(workspace: string, past: Past, signal?: AbortSignal): Promise<PastFiles>;
  pastFile(workspace: string, past: Past, path: string, signal?: AbortSignal): Promise<PastFile>;
  restore(workspace: string, restore: Restore, signal?: AbortSignal): Promise<Restored>;
}

const lessonAt = (slug: string) => `${V1}/lessons/${encodeURIComponent(slug)}`;
const workspaceAt = (id: string) => `${V1}/workspaces/${encodeURIComponent(id)}`;
const inUrl = (path: string) => path.split("/").map(encodeURIComponent).join("/");
const fileAt = (id: string, path: string) => `${workspaceAt(id)}/files/${inUrl(path)}`;
const pastAt = (id: string, past: Past) =>
  past.type === "save" ? `${workspaceAt(id)}/timeline/${past.save}` : submissionAt(past.submission);
const submissionAt = (id: string) => `${V1}/submissions/${encodeURIComponent(id)}`;
const sessionAt = (id: string) => `${V1}/sessions/${encodeURIComponent(id)}`;
const onRevision = (revision: number) => ({ "If-Match": `"${revision}"`, "Gradus-Client": CLIENT_ID });

export const api: Api = {
  login: (name, password, signal) => ask(`${V1}/login`, { method: "POST", body: { name, password }, signal }),
  logout: signal => ask(`${V1}/logout`, { method: "POST", signal }),
  me: signal => ask(`${V1}/me`, { signal }),
  settings: signal => ask(`${V1}/me/settings`, { signal }),
  changeSettings: (fields, signal) => {
    const body: SettingsChange = { version: SETTINGS_VERSION, fields };
    return ask(`${V1}/me/settings`, { method: "PATCH", body, signal });
  },
  lessons: signal => ask(`${V1}/lessons`, { signal }),
  lesson: (slug, signal) => ask(lessonAt(slug), { signal }),
  hints: (slug, signal) => ask(`${lessonAt(slug)}/hints`, { signal }),
  showHint: (slug, number, signal) => ask(`${lessonAt(slug)}/hints/${number}`, { method: "POST", signal }),
  solution: (slug, signal) => ask(`${lessonAt(slug)}/solution`, { signal }),
  openWorkspace: (slug, signal) => ask(`${lessonAt(slug)}/workspace`, { method: "POST", signal }),
  workspace: (id, signal) => ask(workspaceAt(id), { signal }),
  readFile: (id, path, signal) => ask(fileAt(id, path), { signal }),
  saveFile: (id, path, revision, body, signal) =>
    ask(fileAt(id, path), { method: "PUT", body, headers: onRevision(revision), signal }),
  deleteFile: (id, path, revision, signal) =>
    ask(fileAt(id, path), { method: "DELETE", headers: onRevision(revision), signal }),
  rename: (id, from, to, signal) =>
    ask(`${workspaceAt(id)}/renames`, {
      method: "POST",
      body: { from, to },
      headers: { "Gradus-Client": CLIENT_ID },
      signal,
    }),
  openSession: (workspace, signal) => ask(`${V1}/sessions`, { method: "POST", body: { workspace }, signal }),
  extendSession: (id, until, signal) => ask(`${sessionAt(id)}/extensions`, { method: "POST", body: { until }, signal }),
  session: (id, signal) => ask(sessionAt(id), { signal }),
  liveSessions: (filter, signal) => ask(`${V1}/live-sessions?${new URLSearchParams({ ...filter })}`, { signal }),
  askToWatch: (id, signal) => ask(`${sessionAt(id)}/watchers`, { method: "POST", signal }),
  watchers: (id, signal) => ask(`${sessionAt(id)}/watchers`, { signal }),
  answerWatch: (id, mentor, allowed, signal) =>
    ask(`${sessionAt(id)}/watchers/${encodeURIComponent(mentor)}`, { method: "PUT", body: { allowed }, signal }),
  endWatch: (id, mentor, signal) =>
    ask(`${sessionAt(id)}/watchers/${encodeURIComponent(mentor)}`, { method: "DELETE", signal }),
  endSession: (id, signal) => ask(sessionAt(id), { method: "DELETE", signal }),
  openPreview: (session, port, path, signal) =>
    ask(`${sessionAt(session)}/previews`, { method: "POST", body: { port, path }, signal }),
  ticket: (session, signal) => ask(`${sessionAt(session)}/tickets`, { method: "POST", signal }),
  submit: (workspace, key, signal) =>
    ask(`${workspaceAt(workspace)}/submissions`, { method: "POST", headers: { "Idempotency-Key": key }, signal }),
  submission: (id, signal) => ask(submissionAt(id), { signal }),
  timeline: (workspace, before, signal) =>
    ask(`${workspaceAt(workspace)}/timeline${before === null ? "" : `?before=${before}`}`, { signal }),
  pastFiles: (workspace, past, signal) =>
    ask(past.type === "save" ? pastAt(workspace, past) : `${pastAt(workspace, past)}/files`, { signal }),
  pastFile: (workspace, past, path, signal) => ask(`${pastAt(workspace, past)}/files/${inUrl(path)}`, { signal }),
  restore: (workspace, body, signal) =>
    ask(`${workspaceAt(workspace)}/restores`, {
      method: "POST",
      body,
      headers: { "Gradus-Client": CLIENT_ID },
      signal,
    }),
};

/** A random UUID. `crypto.randomUUID` is missing on plain http:// addresses other than localhost. */
export function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = [...bytes].map(byte => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
