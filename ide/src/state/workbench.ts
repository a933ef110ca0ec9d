// One open lesson: its text, the learner's files, the machine, the hand-ins, and which pane is in front. Loads them in
// the order in which a person needs them.
import { type Api, CLIENT_ID, type LessonSummary } from "../api/api";
import { reasonOf } from "../api/http";
import type { LessonDetail, Workspace } from "../protocol/generated";
import type { Socket } from "./connection";
import type { DraftStore } from "./draft";
import { Hints } from "./hints";
import { jump } from "./jump";
import type { Helpers } from "./language-servers";
import { LiveSession } from "./live-session";
import type { Place } from "./places";
import type { Previews } from "./previews";
import { Restores } from "./restores";
import { Store } from "./store";
import { Submissions } from "./submissions";
import { WorkspaceTimeline } from "./timeline";
import { WorkspaceFiles } from "./workspace-files";

export type Side = "lesson" | "tests" | "history";
/** Panes of the narrow screen. */
export type Pane = "lesson" | "code" | "terminal" | "tests";

export interface Front {
  side: Side;
  pane: Pane;
  /** What the Tests pane shows: the run in the learner's machine, or a hand-in by its id. */
  result: "run" | string;
}

/** Everything that needs the workspace; there once it is loaded. */
export interface Desk {
  workspace: string;
  files: WorkspaceFiles;
  session: LiveSession;
  submissions: Submissions;
  /** For the editor. */
  helpers: Helpers;
  timeline: WorkspaceTimeline;
  restores: Restores;
  /** In lessons that show a server of the learner's. */
  previews: Previews | null;
}

export interface WorkbenchView {
  lesson: LessonDetail | null;
  desk: Desk | null;
  problem: string | null;
}

/** What lessons left just now still save: opened again, a lesson waits for it rather than show older text. */
const lastSaves = new Map<string, Promise<boolean>>();

export class Workbench {
  readonly view = new Store<WorkbenchView>({ lesson: null, desk: null, problem: null });
  readonly front = new Store<Front>({ side: "lesson", pane: "lesson", result: "run" });
  /** The lessons of this course with how far the learner has got; empty until they are known. */
  readonly course = new Store<LessonSummary[]>([]);
  readonly hints: Hints;
  private readonly leaving = new AbortController();

  constructor(
    readonly slug: string,
    private readonly api: Api,
    private readonly openSocket: (url: string) => Socket,
    private readonly draftsOf: (workspace: string) => DraftStore,
  ) {
    this.hints = new Hints(api, slug, this.leaving.signal);
  }

  /** The instructions first: reading can begin while the rest comes. */
  load = async (): Promise<void> => {
    const { signal } = this.leaving;
    this.view.update(now => ({ ...now, problem: null }));
    try {
      const workspace = this.openWorkspace(signal);
      // Awaited below; should the lesson fail first, this failure is the same one.
      workspace.catch(() => {});
      const lesson = await this.api.lesson(this.slug, signal);
      this.view.update(now => ({ ...now, lesson }));
      void this.loadCourse(lesson);
      if (lesson.hints_shown > 0) void this.hints.recall();
      const previews = lesson.previews.length > 0 ? import("./previews") : null;
      const desk = this.lay(await workspace, (await previews)?.Previews ?? null, lesson, signal);
      desk.session.askAhead();
      await desk.files.recover();
      this.view.update(now => ({ ...now, desk }));
      this.followProgress(desk.submissions);
      void desk.session.start();
      await desk.files.open(firstFile(lesson, desk.files.paths()));
    } catch (why) {
      if (!signal.aborted) this.view.update(now => ({ ...now, problem: reasonOf(why) }));
    }
  };

  /** Lets go of everything but what is still being saved; resolves when that is done. */
  async leave(): Promise<void> {
    this.leaving.abort();
    const files = this.view.get().desk?.files;
    if (!files) return;
    const saved = files.saveAll();
    lastSaves.set(this.slug, saved);
    await saved;
    if (lastSaves.get(this.slug) === saved) lastSaves.delete(this.slug);
    await files.settled();
  }

  /** Whether closing the page now would lose something, or cut off a save that a moment would complete. */
  hasUnsaved(): boolean {
    const files = this.view.get().desk?.files;
    const saving = files?.saving.get() ?? "saved";
    if (saving === "saved") return false;
    return saving === "unsaved" || saving === "saving" || files?.keeper.state.get() !== "kept";
  }

  /** The page may be gone in a moment: what is not saved is written down in the browser. */
  keepNow = (): void => this.view.get().desk?.files.keeper.now();

  showSide = (side: Side): void => {
    const pane: Pane = side === "lesson" ? "lesson" : "tests";
    this.front.update(now => ({ ...now, side, pane }));
  };

  showPane = (pane: Pane): void => {
    const side = pane === "lesson" ? "lesson" : pane === "tests" ? "tests" : null;
    this.front.update(now => ({ ...now, pane, side: side ?? now.side }));
  };

  runTests = (): void => {
    this.show("run");
    const session = this.view.get().desk?.session;
    // A run is asked of a machine that was stopped meanwhile: it waits for the next one.
    if (session?.view.get().state?.type === "ended") void session.start();
    void session?.runs.start();
  };

  handIn = async (): Promise<void> => {
    const submissions = this.view.get().desk?.submissions;
    if (!submissions) return;
    const done = submissions.handIn();
    this.show("hand-in");
    await done;
    const { current } = submissions.view.get();
    if (current.type === "handed_in") this.front.update(now => ({ ...now, result: current.id }));
  };

  /** Opens the file and puts the cursor there. */
  goTo = async (place: Place): Promise<void> => {
    this.showPane("code");
    jump.set(place);
    await this.view.get().desk?.files.open(place.path);
  };

  showSubmission = (id: string): void => this.show(id);

  retryNow = (): void => {
    const desk = this.view.get().desk;
    desk?.session.retryNow();
    desk?.files.retryNow();
    if (!desk) void this.load();
  };

  networkLost = (): void => this.view.get().desk?.session.networkLost();

  /** A new verdict may open the solution and the next lesson: both are the server's to say. */
  private followProgress(submissions: Submissions): void {
    const graded = () => submissions.view.get().list.filter(({ state }) => state.type === "graded").length;
    let known = graded();
    submissions.view.subscribe(() => {
      if (graded() === known) return;
      known = graded();
      void this.refresh();
    });
  }

  private async refresh(): Promise<void> {
    try {
      const lesson = await this.api.lesson(this.slug, this.leaving.signal);
      this.view.update(now => ({ ...now, lesson }));
      await this.loadCourse(lesson);
    } catch {
      // What is shown stays as it was; the next verdict or visit brings it.
    }
  }

  private async loadCourse({ course }: LessonDetail): Promise<void> {
    try {
      const lessons = await this.api.lessons(this.leaving.signal);
      this.course.set(lessons.filter(lesson => lesson.course === course));
    } catch {
      // Progress is left out.
    }
  }

  private async openWorkspace(signal: AbortSignal): Promise<Workspace> {
    await lastSaves.get(this.slug);
    return this.api.openWorkspace(this.slug, signal);
  }

  private show(result: Front["result"]): void {
    this.front.set({ side: "tests", pane: "tests", result });
  }

  private lay(
    workspace: Workspace,
    PreviewsOfLesson: typeof Previews | null,
    lesson: LessonDetail,
    signal: AbortSignal,
  ): Desk {
    const { id } = workspace;
    const files = new WorkspaceFiles(this.api, id, CLIENT_ID, workspace.files, this.draftsOf(id));
    const submissions = new Submissions(this.api, id, files.saveAll, signal, workspace.submissions);
    const session = new LiveSession(
      this.api,
      this.openSocket,
      id,
      CLIENT_ID,
      {
        saveAll: files.saveAll,
        fileChanged: message => files.changed(message),
        submissionChanged: message => submissions.changed(message.submission, message.state),
        missedMessages: () => void this.catchUp(id, files, submissions),
      },
      signal,
    );
    const show = (path: string) => {
      const isThere = files.paths().includes(path);
      if (isThere) void files.open(path);
      return isThere;
    };
    const helpers = { servers: session.servers, show };
    const timeline = new WorkspaceTimeline(this.api, id, signal);
    const restores = new Restores(this.api, id, files, () => void timeline.load());
    const previews = PreviewsOfLesson && new PreviewsOfLesson(this.api, lesson.previews, signal);
    if (previews) session.view.subscribe(() => previews.machineIs(session.machine()));
    return { workspace: id, files, session, submissions, helpers, timeline, restores, previews };
  }

  private async catchUp(id: string, files: WorkspaceFiles, submissions: Submissions): Promise<void> {
    try {
      const now = await this.api.workspace(id, this.leaving.signal);
      files.reconcile(now.files);
      submissions.reconcile(now.submissions);
      files.retryNow();
    } catch {
      // Cut again; the next connection catches up.
    }
  }
}

/** The first file the learner may change, else the first there is. */
function firstFile(lesson: LessonDetail, paths: string[]): string {
  const editable = lesson.files.find(({ role, path }) => role === "editable" && paths.includes(path));
  return editable?.path ?? paths[0] ?? "";
}
