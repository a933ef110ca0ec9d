// Keeps what is typed and not yet saved in this browser, a moment after each pause, until the server has it. Knows
// neither the browser's storage nor files.
import type { Draft, DraftKey, DraftStore } from "./draft";
import { Store } from "./store";

/** After a pause this long the text is written down. */
export const KEEP_PAUSE_MS = 200;
/** Who types without a pause is written down this often all the same. */
export const KEEP_AT_LEAST_EVERY_MS = 1_000;

/** `refused`: the browser will not keep anything (a private window, no room); then only this page has it. */
export type Keeping = "kept" | "writing" | "refused";

interface Pending {
  since: number;
  timer: ReturnType<typeof setTimeout>;
  draft: () => Draft | null;
}

export class DraftKeeper {
  readonly state = new Store<Keeping>("kept");
  private readonly pending = new Map<string, Pending>();
  /** What earlier pages left of a path and this page has taken up, until this page's own draft stands for it. */
  private readonly taken = new Map<string, DraftKey[]>();
  /** Paths of which this page has a draft in the store. */
  private readonly written = new Set<string>();
  private writes = 0;
  private refused = false;

  constructor(private readonly store: DraftStore) {}

  /** `path` holds text that is not saved; `draft` says which when it is time to write it down. */
  note(path: string, draft: () => Draft | null): void {
    const before = this.pending.get(path);
    clearTimeout(before?.timer);
    const since = before?.since ?? Date.now();
    const wait = Math.max(0, Math.min(KEEP_PAUSE_MS, since + KEEP_AT_LEAST_EVERY_MS - Date.now()));
    this.pending.set(path, { since, draft, timer: setTimeout(() => void this.write(path), wait) });
    this.show();
  }

  /** The server has everything of `path`. */
  saved(path: string): void {
    clearTimeout(this.pending.get(path)?.timer);
    this.pending.delete(path);
    const others = this.taken.get(path) ?? [];
    if (this.written.delete(path) || others.length > 0) {
      this.taken.delete(path);
      void this.during(() => this.store.remove(path, others));
    }
    this.show();
  }

  /** This page works on what an earlier one left. */
  takeUp(path: string, key: DraftKey): void {
    this.taken.set(path, [...(this.taken.get(path) ?? []), key]);
  }

  /** The page may be closed any moment: writes down what waits. */
  now(): void {
    for (const path of [...this.pending.keys()]) void this.write(path);
  }

  private async write(path: string): Promise<void> {
    const draft = this.pending.get(path)?.draft();
    clearTimeout(this.pending.get(path)?.timer);
    this.pending.delete(path);
    if (!draft) return this.show();
    const instead = this.taken.get(path) ?? [];
    this.written.add(path);
    const done = await this.during(() => this.store.put(draft, instead));
    if (done)
      this.taken.set(
        path,
        (this.taken.get(path) ?? []).filter(key => !instead.includes(key)),
      );
  }

  /** Whether the store did it. */
  private async during(work: () => Promise<void>): Promise<boolean> {
    this.writes += 1;
    this.show();
    try {
      await work();
      this.refused = false;
      return true;
    } catch {
      this.refused = true;
      return false;
    } finally {
      this.writes -= 1;
      this.show();
    }
  }

  private show(): void {
    const busy = this.writes > 0 || this.pending.size > 0;
    this.state.set(this.refused ? "refused" : busy ? "writing" : "kept");
  }
}
