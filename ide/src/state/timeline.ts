// The timeline of one workspace as it is shown: a list that grows by pages and is renewed when something was saved, and
// the entry that is open with its files. Knows no screen.
import type { Api } from "../api/api";
import { reasonOf } from "../api/http";
import type { PastEntry, PastFile, RestoreFrom, Timeline, TimelineEntry } from "../protocol/generated";
import { Store } from "./store";

type TimelineApi = Pick<Api, "timeline" | "pastFiles" | "pastFile">;

/** Saves come in bursts; the list is asked for once things are quiet for this long. */
export const RENEW_AFTER_MS = 1_500;

/** One state of the files: after a save, or as handed in. */
export type Past = Exclude<RestoreFrom, { type: "starter" }>;

export interface TimelineView {
  /** Newest first; null until the first page is there. */
  entries: TimelineEntry[] | null;
  /** Where the next page begins; null when there is none. */
  older: number | null;
  /** History does not reach the beginning. */
  forgotten: boolean;
  problem: string | null;
}

/** The entry that is open. */
export interface OpenEntry {
  id: string;
  /** Files that are not as they were then; null while they come. */
  files: PastEntry[] | null;
  problem: string | null;
}

export class WorkspaceTimeline {
  readonly view = new Store<TimelineView>({ entries: null, older: null, forgotten: false, problem: null });
  readonly open = new Store<OpenEntry | null>(null);
  private timer: ReturnType<typeof setTimeout> | undefined;
  private asked = 0;

  constructor(
    private readonly api: TimelineApi,
    private readonly workspace: string,
    private readonly signal: AbortSignal,
  ) {
    signal.addEventListener("abort", () => clearTimeout(this.timer));
  }

  /** The newest page. What is older and shown stays. */
  load = async (): Promise<void> => {
    clearTimeout(this.timer);
    await this.ask(async () => {
      const page = await this.api.timeline(this.workspace, null, this.signal);
      this.view.update(now => withNewest(now, page));
    });
    const { id } = this.open.get() ?? {};
    if (id) await this.showFiles(id);
  };

  more = async (): Promise<void> => {
    const { older } = this.view.get();
    if (older === null) return;
    await this.ask(async () => {
      const page = await this.api.timeline(this.workspace, older, this.signal);
      this.view.update(now => {
        if (now.older !== older) return now;
        return { ...now, entries: [...(now.entries ?? []), ...page.entries], older: page.older };
      });
    });
  };

  /** Something was saved or handed in. */
  renew = (): void => {
    clearTimeout(this.timer);
    if (!this.signal.aborted) this.timer = setTimeout(() => void this.load(), RENEW_AFTER_MS);
  };

  /** Opens an entry, or closes it when it is open. */
  toggle = (id: string): void => {
    if (this.open.get()?.id === id) return this.open.set(null);
    this.open.set({ id, files: null, problem: null });
    void this.showFiles(id);
  };

  /** One file as it was then. Null: it was not there. */
  async fileOf(past: Past, { path, compared }: PastEntry): Promise<PastFile | null> {
    return compared === "only_now" ? null : this.api.pastFile(this.workspace, past, path, this.signal);
  }

  private async showFiles(id: string): Promise<void> {
    const past = pastOf(id);
    const show = (change: Partial<OpenEntry>) =>
      this.open.update(now => (now?.id === id ? { ...now, ...change } : now));
    try {
      const { files } = await this.api.pastFiles(this.workspace, past, this.signal);
      // What was not handed in is none of a hand-in's business.
      const concerns = ({ compared }: PastEntry) =>
        compared !== "same" && (past.type === "save" || compared !== "only_now");
      show({ files: files.filter(concerns), problem: null });
    } catch (why) {
      if (!this.signal.aborted) show({ problem: reasonOf(why) });
    }
  }

  private async ask(work: () => Promise<void>): Promise<void> {
    this.asked += 1;
    const asked = this.asked;
    try {
      await work();
      this.view.update(now => ({ ...now, problem: null }));
    } catch (why) {
      if (!this.signal.aborted && asked === this.asked) this.view.update(now => ({ ...now, problem: reasonOf(why) }));
    }
  }
}

/** A page of the newest entries in front of what was shown before, without what it tells anew. */
function withNewest(now: TimelineView, page: Timeline): TimelineView {
  const oldest = page.entries.at(-1)?.save;
  const rest =
    page.older === null || oldest === undefined ? [] : (now.entries ?? []).filter(({ save }) => save < oldest);
  const entries = [...page.entries, ...rest];
  return { ...now, entries, older: rest.length > 0 ? now.older : page.older, forgotten: page.forgotten };
}

/** Names an entry: the number of its save, or the id of its hand-in. */
export function idOf(entry: TimelineEntry): string {
  return entry.type === "saved" ? String(entry.save) : entry.submission;
}

export function pastOf(id: string): Past {
  return /^\d+$/.test(id) ? { type: "save", save: Number(id) } : { type: "submission", submission: id };
}

/** Entries under the day they belong to, newest first; `dayOf` names a day. */
export function byDay(
  entries: TimelineEntry[],
  dayOf: (at: Date) => string,
): [day: string, entries: TimelineEntry[]][] {
  const days: [string, TimelineEntry[]][] = [];
  for (const entry of entries) {
    const day = dayOf(new Date(entry.at / 1000));
    const last = days.at(-1);
    if (last?.[0] === day) last[1].push(entry);
    else days.push([day, [entry]]);
  }
  return days;
}
