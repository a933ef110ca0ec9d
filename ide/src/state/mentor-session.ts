// Somebody else's session, looked on: asked for, allowed, seen, ended. Reads files as they are stored; changes nothing.
// Knows no screen.
import type { Api } from "../api/api";
import { isStatus, isTransient, reasonOf } from "../api/http";
import type { LiveSession as Listed, Place, StoredFile, WatchState } from "../protocol/generated";
import type { Socket } from "./connection";
import { LiveSession } from "./live-session";
import { Store } from "./store";

/** How often the learner's answer is looked for, and what a cut connection is tried again after. */
const LOOK_EVERY_MS = 2_000;

export type MentorPhase =
  | { type: "looking_up" }
  /** No such session, or it is over. */
  | { type: "ended" }
  /** Not allowed: not asked yet, refused, or over. */
  | { type: "outside"; state: WatchState | null }
  | { type: "looking" }
  | { type: "problem"; why: string };

export interface MentorView {
  phase: MentorPhase;
  listed: Listed | null;
}

export interface FilesView {
  paths: string[];
  open: string | null;
  file: StoredFile | null;
  problem: string | null;
  /** What this mentor points at. */
  place: Place | null;
}

type MentorApi = Pick<
  Api,
  | "liveSessions"
  | "watchers"
  | "askToWatch"
  | "endWatch"
  | "answerWatch"
  | "session"
  | "ticket"
  | "workspace"
  | "readFile"
>;

export class MentorSession {
  readonly view = new Store<MentorView>({ phase: { type: "looking_up" }, listed: null });
  readonly files = new Store<FilesView>({ paths: [], open: null, file: null, problem: null, place: null });
  /** There while looking on. */
  readonly live = new Store<LiveSession | null>(null);
  private timer: ReturnType<typeof setTimeout> | undefined;
  private connected: AbortController | null = null;
  /** The mentor chose a file; until then the one that the learner works in is shown. */
  private chose = false;

  constructor(
    private readonly api: MentorApi,
    private readonly openSocket: (url: string) => Socket,
    private readonly session: string,
    private readonly me: string,
    private readonly client: string,
    private readonly signal: AbortSignal,
  ) {
    signal.addEventListener("abort", () => {
      clearTimeout(this.timer);
      this.connected?.abort();
    });
  }

  /** Finds out how things stand, and again after a while as long as that may change by itself. */
  load = async (): Promise<void> => {
    clearTimeout(this.timer);
    try {
      const { sessions } = await this.api.liveSessions({}, this.signal);
      const listed = sessions.find(({ id }) => id === this.session) ?? null;
      this.view.update(now => ({ ...now, listed: listed ?? now.listed }));
      if (!listed) return this.stop({ type: "ended" });
      if (listed.watching === "allowed") return this.look(listed);
      this.stop({ type: "outside", state: listed.watching });
      if (listed.watching === "asked") this.again();
    } catch (why) {
      if (this.signal.aborted) return;
      this.stop({ type: "problem", why: reasonOf(why) });
      if (isTransient(why)) this.again();
    }
  };

  ask = (): Promise<void> => this.done(this.api.askToWatch(this.session, this.signal));

  /** Takes the wish back, or stops looking on. */
  leave = (): Promise<void> => this.done(this.api.endWatch(this.session, this.me, this.signal));

  chooseFile = (path: string): Promise<void> => {
    this.chose = true;
    return this.openFile(path);
  };

  private openFile = async (path: string): Promise<void> => {
    this.files.update(now => ({ ...now, open: path, file: now.open === path ? now.file : null, problem: null }));
    await this.read(path);
  };

  /** Shows the learner a line of the open file; the same line again takes it back. */
  point = (line: number | null): void => {
    const { open, place } = this.files.get();
    const again = place?.path === open && place?.line === line;
    const next = open && line && !again ? { path: open, line } : null;
    if (this.live.get()?.point(next)) this.files.update(now => ({ ...now, place: next }));
  };

  private async done(asked: Promise<unknown>): Promise<void> {
    try {
      await asked;
      await this.load();
    } catch (why) {
      if (isStatus(why, 404) || isStatus(why, 409)) return this.load();
      if (!this.signal.aborted) this.stop({ type: "problem", why: reasonOf(why) });
    }
  }

  private again(): void {
    this.timer = setTimeout(() => void this.load(), LOOK_EVERY_MS);
  }

  private stop(phase: MentorPhase): void {
    this.connected?.abort();
    this.connected = null;
    this.live.set(null);
    this.files.set({ paths: [], open: null, file: null, problem: null, place: null });
    this.view.update(now => ({ ...now, phase }));
  }

  private look({ workspace }: Listed): void {
    if (this.live.get()) return;
    const connected = new AbortController();
    this.connected = connected;
    const never = () => Promise.reject(new Error("who looks on changes nothing"));
    const live = new LiveSession(
      { ...this.api, openSession: () => this.api.session(this.session), endSession: never, extendSession: never },
      this.openSocket,
      workspace,
      this.client,
      {
        saveAll: async () => false,
        fileChanged: ({ path }) => void this.changed(path),
        submissionChanged: () => {},
        missedMessages: () => void this.list(workspace),
      },
      connected.signal,
      true,
    );
    // Hung up for good: the learner ended it, or the session is over.
    live.view.subscribe(() => {
      if (this.live.get() === live && live.view.get().link?.type === "closed") void this.load();
    });
    this.live.set(live);
    this.view.update(now => ({ ...now, phase: { type: "looking" } }));
    void live.start();
    void this.list(workspace);
  }

  private async list(workspace: string): Promise<void> {
    try {
      const { files } = await this.api.workspace(workspace, this.connected?.signal);
      const paths = files.map(({ path }) => path);
      this.files.update(now => ({ ...now, paths }));
      const first = files.find(({ role }) => role === "editable")?.path ?? paths[0];
      const { open } = this.files.get();
      if (!open && first) await this.openFile(first);
      else if (open) await this.read(open);
    } catch (why) {
      this.refused(why);
    }
  }

  private async changed(path: string): Promise<void> {
    const { paths, open } = this.files.get();
    const workspace = this.view.get().listed?.workspace;
    if (open === path || !this.chose) await this.openFile(path);
    if (workspace && !paths.includes(path)) await this.list(workspace);
  }

  private async read(path: string): Promise<void> {
    const workspace = this.view.get().listed?.workspace;
    if (!workspace) return;
    try {
      const file = await this.api.readFile(workspace, path, this.connected?.signal);
      const isNewer = (now: FilesView) => now.open === path && file.revision >= (now.file?.revision ?? 0);
      this.files.update(now => (isNewer(now) ? { ...now, file, problem: null } : now));
    } catch (why) {
      this.refused(why);
    }
  }

  private refused(why: unknown): void {
    if (this.signal.aborted || this.connected?.signal.aborted) return;
    if (isStatus(why, 403)) return void this.load();
    this.files.update(now => ({ ...now, file: null, problem: reasonOf(why) }));
  }
}
