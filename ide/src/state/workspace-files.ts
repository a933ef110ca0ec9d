// The files of one workspace: which there are, which are open, and whether everything is saved. Each open file is a
// TextDocument; this is their list. Knows no editor.
import type { Api } from "../api/api";
import { isStatus, NoAnswer, reasonOf } from "../api/http";
import type { SessionMessage, StoredFile, WorkspaceEntry } from "../protocol/generated";
import { words } from "../words/words";
import { type Content, type FileStorage, type LoadMerge, type SaveState, TextDocument, textOf } from "./document";
import type { DraftStore, LeftDraft } from "./draft";
import { DraftKeeper } from "./draft-keeper";
import { Store } from "./store";

type FileApi = Pick<Api, "readFile" | "saveFile" | "deleteFile" | "rename" | "workspace">;
type FileChanged = Extract<SessionMessage, { type: "file_changed" }>;

export interface Tab {
  path: string;
  /** Null while it loads. */
  document: TextDocument | null;
  /** Why it could not be loaded. */
  problem: string | null;
}

export interface Tabs {
  list: Tab[];
  active: string | null;
}

/** Looking takes milliseconds. A browser that does not answer must not hold the lesson back; the next page looks again. */
export const RECOVER_WITHIN_MS = 2_000;
const nothingAfter = (ms: number) => new Promise<LeftDraft[]>(resolve => setTimeout(() => resolve([]), ms));

const loadMerge: LoadMerge = async () => (await import("./merge")).merge;

export class WorkspaceFiles {
  readonly entries = new Store<WorkspaceEntry[]>([]);
  readonly tabs = new Store<Tabs>({ list: [], active: null });
  /** The worst of all documents' states: `saved` only when everything is. */
  readonly saving = new Store<SaveState>("saved");
  /** What went wrong with creating, renaming or deleting, for people. */
  readonly problem = new Store<string | null>(null);
  /** Keeps unsaved text in this browser. */
  readonly keeper: DraftKeeper;
  /** Files whose text an earlier page left unsaved and this one took up. */
  readonly recovered = new Store<string[]>([]);
  private readonly documents = new Map<string, TextDocument>();
  /** Typed while its file was being renamed: goes into the document at the new path as soon as there is one. */
  private readonly carried = new Map<string, Content>();
  /** Left by several pages in one file: each is taken up when the one before it is saved. */
  private readonly waiting = new Map<string, LeftDraft[]>();
  private readonly storage: FileStorage;

  constructor(
    private readonly api: FileApi,
    private readonly workspace: string,
    private readonly client: string,
    entries: WorkspaceEntry[],
    private readonly drafts: DraftStore,
  ) {
    this.keeper = new DraftKeeper(drafts);
    this.entries.set(byPath(entries));
    this.storage = {
      save: (path, revision, file) => api.saveFile(workspace, path, revision, file),
      read: path => api.readFile(workspace, path),
    };
  }

  /** Takes up what earlier pages left unsaved. Before any file is opened, so that it is opened with that text. */
  async recover(): Promise<void> {
    const left = await Promise.race([this.drafts.left(), nothingAfter(RECOVER_WITHIN_MS)])
      // A browser that keeps nothing has nothing.
      .catch(() => []);
    for (const draft of left) this.waiting.set(draft.path, [...(this.waiting.get(draft.path) ?? []), draft]);
    for (const path of this.waiting.keys()) this.takeUpNext(path);
    this.recovered.set([...this.waiting.keys()]);
  }

  paths(): string[] {
    return this.entries.get().map(entry => entry.path);
  }

  open = async (path: string): Promise<void> => {
    const known = this.tabs.get().list.find(tab => tab.path === path);
    if (!known) this.setTab({ path, document: this.documents.get(path) ?? null, problem: null });
    this.tabs.update(tabs => ({ ...tabs, active: path }));
    if (known?.document || this.documents.has(path)) return;
    await this.load(path);
  };

  /** What the learner has now, saved or not; null when there is no such file. Empty for what is not text. */
  async textNow(path: string): Promise<string | null> {
    const open = this.documents.get(path);
    if (open) return open.view.get().content.toString();
    try {
      return textOf(await this.api.readFile(this.workspace, path));
    } catch (why) {
      if (isStatus(why, 404)) return null;
      throw why;
    }
  }

  /** Closes the tab. The text stays until it is saved. */
  close = (path: string): void => {
    const document = this.documents.get(path);
    void document?.flush().then(saved => saved && !this.isOpen(path) && this.documents.delete(path));
    this.dropTab(path);
  };

  create = (path: string): Promise<boolean> =>
    this.attempt(async () => {
      const file = { content: { encoding: "text", data: "" } as const, executable: false };
      const stored = await this.api.saveFile(this.workspace, path, 0, file);
      this.keep(stored);
      await this.open(path);
    });

  remove = (path: string): Promise<boolean> =>
    this.attempt(async () => {
      for (const entry of this.entries.get().filter(({ path: other }) => isWithin(other, path))) {
        const document = this.documents.get(entry.path);
        await document?.flush();
        await this.api.deleteFile(this.workspace, entry.path, document?.storedRevision ?? entry.revision);
        this.removed(entry.path);
      }
    });

  rename = (from: string, to: string): Promise<boolean> =>
    this.attempt(async () => {
      const held = () => [...this.documents.values()].filter(document => isWithin(document.path, from));
      const saved = await Promise.all(held().map(document => document.flush()));
      if (!saved.every(Boolean)) throw new Error(words.files.notAllSaved);
      const { list, active } = this.tabs.get();
      const moved = new Set(list.map(tab => tab.path).filter(path => isWithin(path, from)));
      const target = (path: string) => to + path.slice(from.length);
      await this.api.rename(this.workspace, from, to);
      for (const { path, unsaved, view } of held()) {
        if (unsaved) this.carried.set(target(path), view.get().content);
        moved.add(path);
      }
      for (const path of moved) this.removed(path);
      this.reconcile((await this.api.workspace(this.workspace)).files);
      for (const path of moved) await this.open(target(path));
      if (active) await this.open(moved.has(active) ? target(active) : active);
    });

  /** Saves everything now. Whether everything typed so far is stored. */
  saveAll = async (): Promise<boolean> => {
    await Promise.all([...this.carried.keys()].map(path => this.load(path)));
    const all = await Promise.all([...this.documents.values()].map(document => document.flush()));
    return all.every(Boolean) && this.carried.size === 0;
  };

  /** Resolves when nothing is left that would still save itself: all is stored, or waits for the learner. */
  settled = (): Promise<void> =>
    new Promise(resolve => {
      const look = () => {
        if (SAVES_ITSELF.includes(this.saving.get())) return;
        stop();
        resolve();
      };
      const stop = this.saving.subscribe(look);
      look();
    });

  retryNow = (): void => {
    for (const document of this.documents.values()) document.retryNow();
  };

  /** The socket: another tab or a program changed a file. */
  changed({ path, revision, removed, origin }: FileChanged): void {
    const mine = origin.type === "client" && origin.client === this.client;
    // An echo mostly; but it may be the last save of this lesson as it was left and opened again. The document knows.
    if (mine) this.documents.get(path)?.changedElsewhere(revision, removed);
    else this.noteChange(path, revision, removed);
  }

  /** What is stored now, told after messages may have been missed. */
  reconcile(entries: WorkspaceEntry[]): void {
    const there = new Map(entries.map(entry => [entry.path, entry]));
    for (const { path, revision } of this.entries.get()) {
      if (!there.has(path)) this.noteChange(path, revision + 1, true);
    }
    for (const { path, revision } of entries) this.documents.get(path)?.changedElsewhere(revision, false);
    this.entries.set(byPath(entries));
  }

  private noteChange(path: string, revision: number, removed: boolean): void {
    this.documents.get(path)?.changedElsewhere(revision, removed);
    if (removed) this.forgetEntry(path);
    else this.upsertEntry(path, { revision });
  }

  private async load(path: string): Promise<void> {
    try {
      const stored = await this.api.readFile(this.workspace, path);
      // Asked for twice, it is there already, and may hold more than is stored.
      const document = this.documents.get(path) ?? this.keep(stored);
      this.updateTab(path, { document, problem: null });
    } catch (why) {
      this.updateTab(path, { problem: reasonOf(why) });
    }
  }

  private takeUpNext(path: string): boolean {
    const [draft, ...rest] = this.waiting.get(path) ?? [];
    this.waiting.set(path, rest);
    if (!draft) return false;
    this.documents.get(path)?.dispose();
    this.keeper.takeUp(path, draft.key);
    const document = TextDocument.resume(draft, this.storage, loadMerge);
    this.hold(document);
    this.documentChanged(document);
    void document.flush();
    return true;
  }

  private hold(document: TextDocument): void {
    this.documents.set(document.path, document);
    document.view.subscribe(() => this.documentChanged(document));
    this.updateTab(document.path, { document, problem: null });
  }

  private keep(stored: StoredFile): TextDocument {
    const document = new TextDocument(stored, this.storage, loadMerge);
    this.hold(document);
    this.upsertEntry(stored.path, { revision: stored.revision, role: stored.role });
    const typed = this.carried.get(stored.path);
    this.carried.delete(stored.path);
    if (typed && typed.toString() !== textOf(stored)) document.edit(typed);
    this.showSaving();
    return document;
  }

  private documentChanged(document: TextDocument): void {
    const { path } = document;
    if (this.documents.get(path) !== document) return;
    if (document.view.get().removed) return this.removed(path);
    if (document.unsaved) this.keeper.note(path, () => document.draft());
    else {
      this.keeper.saved(path);
      if (this.takeUpNext(path)) return;
      this.upsertEntry(path, { revision: document.storedRevision });
      if (!this.isOpen(path)) this.documents.delete(path);
    }
    this.showSaving();
  }

  private removed(path: string): void {
    this.documents.get(path)?.dispose();
    this.documents.delete(path);
    this.keeper.saved(path);
    this.forgetEntry(path);
    this.dropTab(path);
    this.showSaving();
  }

  private showSaving(): void {
    const states = [...this.documents.values()].map(document => document.view.get().state);
    this.saving.set(worst(this.carried.size > 0 ? ["unsaved", ...states] : states));
  }

  private async attempt(work: () => Promise<void>): Promise<boolean> {
    this.problem.set(null);
    try {
      await work();
      return true;
    } catch (why) {
      this.problem.set(problemOf(why));
      return false;
    }
  }

  private isOpen(path: string): boolean {
    return this.tabs.get().list.some(tab => tab.path === path);
  }

  private setTab(tab: Tab): void {
    this.tabs.update(tabs => ({ ...tabs, list: [...tabs.list, tab] }));
  }

  private updateTab(path: string, change: Partial<Tab>): void {
    const list = this.tabs.get().list.map(tab => (tab.path === path ? { ...tab, ...change } : tab));
    this.tabs.update(tabs => ({ ...tabs, list }));
  }

  private dropTab(path: string): void {
    this.tabs.update(({ list, active }) => {
      const at = list.findIndex(tab => tab.path === path);
      const rest = list.filter(tab => tab.path !== path);
      const neighbour = (rest[at] ?? rest[at - 1])?.path ?? null;
      return { list: rest, active: active === path ? neighbour : active };
    });
  }

  private upsertEntry(path: string, change: Partial<WorkspaceEntry>): void {
    const old = this.entries.get().find(entry => entry.path === path);
    const next = { path, role: "editable", revision: 0, size: 0, ...old, ...change } as const;
    // Entries are compared by whoever draws them: leave them alone when nothing they show has changed.
    if (old && old.role === next.role && old.revision === next.revision) return;
    this.entries.update(entries => byPath([...entries.filter(entry => entry.path !== path), next]));
  }

  private forgetEntry(path: string): void {
    this.entries.update(entries => entries.filter(entry => entry.path !== path));
  }
}

function problemOf(why: unknown): string {
  if (why instanceof NoAnswer) return words.durability.noAnswer;
  return isStatus(why, 412) ? words.files.changedElsewhere : reasonOf(why);
}

const BAD_TO_WORSE: SaveState[] = ["saved", "unsaved", "saving", "retrying", "refused", "conflict"];
/** On the way to `saved` without anyone's doing. */
const SAVES_ITSELF: SaveState[] = ["unsaved", "saving", "retrying"];

function worst(states: SaveState[]): SaveState {
  return states.reduce<SaveState>(
    (before, state) => (BAD_TO_WORSE.indexOf(state) > BAD_TO_WORSE.indexOf(before) ? state : before),
    "saved",
  );
}

function byPath(entries: WorkspaceEntry[]): WorkspaceEntry[] {
  return [...entries].sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** Whether `path` is `folder` itself or in it. */
function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}
