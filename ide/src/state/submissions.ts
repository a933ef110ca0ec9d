// Hand-ins of one workspace: from the press of a button to the verdict, and the list of earlier ones. News comes over
// the session's socket; polling finds what the socket missed.
import type { Api } from "../api/api";
import { newId } from "../api/api";
import { isTransient, reasonOf } from "../api/http";
import type { Submission, SubmissionState } from "../protocol/generated";
import { words } from "../words/words";
import { retryDelayMs } from "./backoff";
import { Store } from "./store";

/** Without news for this long we ask. Grading takes seconds; the socket normally tells at once. */
export const POLL_AFTER_MS = 2_500;
/** Tries to hand in before we say that it did not work; together about half a minute. */
const TRIES = 6;

export type HandIn =
  | { type: "idle" }
  | { type: "saving" }
  /** Saved, on its way to the server; `retrying` when the server did not answer. */
  | { type: "sending"; retrying: boolean }
  | { type: "handed_in"; id: string }
  | { type: "failed"; problem: string };

export interface SubmissionsView {
  /** Newest first. */
  list: Submission[];
  current: HandIn;
}

type SubmissionApi = Pick<Api, "submit" | "submission">;

export class Submissions {
  readonly view: Store<SubmissionsView>;
  private readonly timers = new Map<string, ReturnType<typeof setTimeout>>();

  constructor(
    private readonly api: SubmissionApi,
    private readonly workspace: string,
    private readonly saveAll: () => Promise<boolean>,
    private readonly signal: AbortSignal,
    list: Submission[],
  ) {
    this.view = new Store<SubmissionsView>({ list, current: { type: "idle" } });
    for (const submission of list) this.watch(submission);
    signal.addEventListener("abort", () => this.timers.forEach(clearTimeout));
  }

  /** The submission in question, if it is not final yet. */
  underWay(): boolean {
    const { current, list } = this.view.get();
    if (current.type === "saving" || current.type === "sending") return true;
    return list.some(submission => !isFinal(submission.state));
  }

  /** One key per press: however often the request is repeated, it is one hand-in. */
  handIn = async (): Promise<void> => {
    if (this.underWay()) return;
    this.setCurrent({ type: "saving" });
    if (!(await this.saveAll())) return this.setCurrent({ type: "failed", problem: words.results.notSavedForHandIn });
    this.setCurrent({ type: "sending", retrying: false });
    try {
      const submission = await this.send(newId());
      this.upsert(submission);
      this.setCurrent({ type: "handed_in", id: submission.id });
    } catch (why) {
      if (!this.signal.aborted) this.setCurrent({ type: "failed", problem: reasonOf(why) });
    }
  };

  /** The socket: where a hand-in has got to. */
  changed(id: string, state: SubmissionState): void {
    const known = this.view.get().list.find(submission => submission.id === id);
    if (known) this.upsert({ ...known, state });
    // Handed in from another tab.
    else void this.fetch(id);
  }

  /** The whole list, after messages may have been missed. */
  reconcile(list: Submission[]): void {
    for (const submission of [...list].reverse()) this.upsert(submission);
  }

  private async send(key: string): Promise<Submission> {
    for (let failures = 1; ; failures += 1) {
      try {
        return await this.api.submit(this.workspace, key, this.signal);
      } catch (why) {
        if (this.signal.aborted || failures >= TRIES || !isTransient(why)) throw why;
        this.setCurrent({ type: "sending", retrying: true });
        await new Promise(done => setTimeout(done, retryDelayMs(failures, Math.random())));
      }
    }
  }

  private upsert(submission: Submission): void {
    this.view.update(now => {
      const old = now.list.find(other => other.id === submission.id);
      // A poll or a message that was under way may bring older news.
      if (old && (isFinal(old.state) || stage(old.state) > stage(submission.state))) return now;
      const rest = now.list.filter(other => other.id !== submission.id);
      const list = [...rest, submission].sort((a, b) => b.submitted_at - a.submitted_at);
      return { ...now, list };
    });
    const kept = this.view.get().list.find(other => other.id === submission.id);
    if (kept) this.watch(kept);
  }

  private watch({ id, state }: Submission): void {
    clearTimeout(this.timers.get(id));
    this.timers.delete(id);
    if (isFinal(state) || this.signal.aborted) return;
    this.timers.set(
      id,
      setTimeout(() => void this.fetch(id), POLL_AFTER_MS),
    );
  }

  private async fetch(id: string): Promise<void> {
    try {
      this.upsert(await this.api.submission(id, this.signal));
    } catch (why) {
      const known = this.view.get().list.find(submission => submission.id === id);
      if (known && isTransient(why)) this.watch(known);
    }
  }

  private setCurrent(current: HandIn): void {
    this.view.update(now => ({ ...now, current }));
  }
}

/** Grows along the life of a hand-in: queued, running its first time, queued again, running again, … , over. */
function stage(state: SubmissionState): number {
  if (state.type === "queued") return 2 * state.failed_attempts;
  return state.type === "running" ? 2 * state.attempt - 1 : Number.POSITIVE_INFINITY;
}

export function isFinal({ type }: SubmissionState): boolean {
  return type === "graded" || type === "lesson_fault" || type === "not_graded";
}
