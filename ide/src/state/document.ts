// One file being edited: its text, its stored revision, and the way between them. Saves by itself after a pause, tries
// again when the server is away. When someone else was faster, it joins both texts by lines, and keeps both apart where
// they collide. Knows neither editor nor HTTP.
import { ApiProblem, isStatus, isTransient, reasonOf } from "../api/http";
import type { FileContent, FileRole, StoredFile } from "../protocol/generated";
import { retryDelayMs } from "./backoff";
import type { Draft } from "./draft";
import { Store } from "./store";

/** A pause this long is a thought finished; with the request it stays below the second we promise. */
export const AUTOSAVE_PAUSE_MS = 500;
/** Who types without a pause is saved this often all the same. */
export const AUTOSAVE_AT_LEAST_EVERY_MS = 3_000;
/** Texts sent without an answer, any of which the server may hold. */
const MAX_UNANSWERED = 8;

/** Text as an editor holds it: made a string only when it has to be. A string is one. */
export interface Content {
  toString(): string;
}

export type SaveState = "saved" | "unsaved" | "saving" | "retrying" | "refused" | "conflict";

/** What someone else stored meanwhile; null when they deleted the file. */
export type Theirs = StoredFile | null;

export interface DocumentView {
  content: Content;
  state: SaveState;
  /** Why it is not saved, for people. */
  reason: string | null;
  /** With `conflict`. */
  theirs: Theirs;
  /** Deleted elsewhere while nothing of ours was unsaved. */
  removed: boolean;
  /** Not text: shown as such, never edited. */
  binary: boolean;
}

/** The far side of saving and reading. */
export interface FileStorage {
  save(path: string, revision: number, file: { content: FileContent; executable: boolean }): Promise<StoredFile>;
  /** Rejects with a 404 problem when it is gone. */
  read(path: string): Promise<StoredFile>;
}

/** Joins what two made of one text; null where they collide. See merge.ts. */
export type Merge = (base: string, mine: string, theirs: string) => string | null;
/** Fetched when it is first needed. */
export type LoadMerge = () => Promise<Merge>;

export class TextDocument {
  readonly view: Store<DocumentView>;
  readonly path: string;
  readonly role: FileRole;
  private revision: number;
  private executable: boolean;
  private saved: Content;
  private saving: Promise<void> | null = null;
  private failures = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private disposed = false;
  private unsavedSince: number | null = null;
  private unanswered: string[] = [];
  /** On its way just now. */
  private sending: string | null = null;
  /** The newest revision that others are known to have stored. */
  private seen = 0;

  constructor(
    stored: StoredFile,
    private readonly storage: FileStorage,
    private readonly loadMerge: LoadMerge,
  ) {
    this.path = stored.path;
    this.role = stored.role;
    this.revision = stored.revision;
    this.executable = stored.executable;
    this.saved = textOf(stored);
    this.view = new Store<DocumentView>({ ...CLEAN, content: this.saved, binary: isBinary(stored) });
  }

  /** As an earlier page left it: on the text it grew out of, so that what was stored meanwhile is merged and not lost. */
  static resume(draft: Draft, storage: FileStorage, loadMerge: LoadMerge): TextDocument {
    const { path, revision, base, executable, sent, text } = draft;
    const content = { encoding: "text", data: base } as const;
    const document = new TextDocument({ path, role: "editable", revision, content, executable }, storage, loadMerge);
    document.unanswered = sent;
    document.edit(text);
    return document;
  }

  /** What is not saved, to be kept until it is; null when all is. */
  draft(): Draft | null {
    if (!this.unsaved) return null;
    const { path, revision, executable } = this;
    const sent = this.sending === null ? this.unanswered : [...this.unanswered, this.sending];
    const text = this.view.get().content.toString();
    return { path, text, revision, base: this.saved.toString(), executable, sent };
  }

  get storedRevision(): number {
    return this.revision;
  }

  get unsaved(): boolean {
    return this.view.get().state !== "saved";
  }

  /** The learner typed. */
  edit(content: Content): void {
    const { state } = this.view.get();
    this.show({ content });
    // In a conflict the learner decides first; while saving, the save in flight looks again when it is done.
    if (state === "conflict" || state === "saving" || state === "retrying") return;
    this.show({ state: "unsaved", reason: null });
    this.saveAfterPause();
  }

  /** Saves now. Whether everything typed so far is stored. */
  async flush(): Promise<boolean> {
    if (this.view.get().state === "retrying") this.startSaving();
    // Ends after one failed try: that leaves `retrying`, and a timer that goes on by itself.
    for (;;) {
      if (this.saving) await this.saving;
      else if (this.view.get().state === "unsaved") this.startSaving();
      else return this.view.get().state === "saved";
    }
  }

  /** Tries again now rather than after the back-off. */
  retryNow(): void {
    const { state } = this.view.get();
    if (state !== "retrying" && state !== "refused") return;
    this.startSaving();
  }

  /** Someone else stored `revision`. */
  changedElsewhere(revision: number, removed: boolean): void {
    this.seen = Math.max(this.seen, revision);
    if (revision <= this.revision || this.unsaved) return;
    if (removed) this.show({ removed: true });
    else void this.reload();
  }

  /** Conflict: what the learner has becomes the stored one. */
  keepMine(): void {
    this.resolve(this.view.get().content);
  }

  /** Conflict: `content`, made by the learner with `over` in view, becomes the stored one. */
  resolve(content: Content, over: Theirs = this.view.get().theirs): void {
    if (this.view.get().state !== "conflict") return;
    this.revision = over?.revision ?? 0;
    this.saved = over ? textOf(over) : "";
    this.unanswered = [];
    this.show({ content, state: "unsaved", theirs: null, reason: null });
    this.startSaving();
  }

  /** Conflict: the stored one replaces what the learner has (the editor can undo it). */
  takeTheirs(): void {
    const { state, theirs } = this.view.get();
    if (state !== "conflict") return;
    this.unanswered = [];
    if (theirs) this.adopt(theirs);
    else this.show({ ...CLEAN, removed: true });
  }

  /** Nobody saves this any more: it was deleted, or lives on under another name. */
  dispose(): void {
    this.disposed = true;
    clearTimeout(this.timer);
  }

  private saveAfterPause(): void {
    this.unsavedSince ??= Date.now();
    const latest = this.unsavedSince + AUTOSAVE_AT_LEAST_EVERY_MS - Date.now();
    this.saveIn(Math.max(0, Math.min(AUTOSAVE_PAUSE_MS, latest)));
  }

  private saveIn(ms: number): void {
    clearTimeout(this.timer);
    if (!this.disposed) this.timer = setTimeout(() => this.startSaving(), ms);
  }

  private startSaving(): void {
    if (this.saving) return;
    clearTimeout(this.timer);
    this.saving = this.saveOnce().finally(() => {
      this.saving = null;
      this.unsavedSince = null;
      if (this.view.get().state === "unsaved") this.saveAfterPause();
      else if (this.seen > this.revision) this.changedElsewhere(this.seen, false);
    });
  }

  private async saveOnce(): Promise<void> {
    const sending = this.view.get().content;
    const data = sending.toString();
    this.sending = data;
    // Trying again is not news: it is still not saved.
    this.show({ state: this.failures > 0 ? "retrying" : "saving", reason: null });
    try {
      const file = { content: { encoding: "text", data } as const, executable: this.executable };
      const stored = await this.storage.save(this.path, this.revision, file);
      this.stored(stored.revision, sending);
    } catch (why) {
      if (isStatus(why, 412)) await this.stale(why.problem.current ?? null, sending, data);
      else if (isTransient(why) || isStatus(why, 401)) this.tryAgainLater(why, data);
      else this.show({ state: "refused", reason: reasonOf(why) });
    } finally {
      this.sending = null;
    }
  }

  private stored(revision: number, content: Content): void {
    this.revision = revision;
    this.saved = content;
    this.failures = 0;
    this.unanswered = [];
    this.show({ state: this.view.get().content === content ? "saved" : "unsaved", reason: null });
  }

  private async stale(theirs: Theirs, sending: Content, data: string): Promise<void> {
    this.failures = 0;
    const text = theirs && !isBinary(theirs) ? textOf(theirs) : null;
    if (!theirs || text === null) return this.show({ state: "conflict", theirs });
    if (text === data) return this.stored(theirs.revision, sending);
    // "Theirs" is what we sent ourselves when the answer got lost on its way: build on it.
    if (this.unanswered.includes(text)) return this.buildOn(theirs, this.view.get().content);
    const merge = await this.loadMerge().catch(() => null);
    const joined = merge?.(this.saved.toString(), this.view.get().content.toString(), text) ?? null;
    if (joined === null) return this.show({ state: "conflict", theirs });
    if (joined === text) return this.adopt(theirs);
    this.buildOn(theirs, joined);
  }

  /** What is stored becomes the base of what the learner has. */
  private buildOn(theirs: StoredFile, content: Content): void {
    this.revision = theirs.revision;
    this.executable = theirs.executable;
    this.saved = textOf(theirs);
    this.show({ content, state: "unsaved" });
  }

  private tryAgainLater(why: unknown, data: string): void {
    this.unanswered = [...this.unanswered, data].slice(-MAX_UNANSWERED);
    this.failures += 1;
    this.show({ state: "retrying", reason: why instanceof ApiProblem ? reasonOf(why) : null });
    this.saveIn(retryDelayMs(this.failures, Math.random()));
  }

  private async reload(): Promise<void> {
    try {
      const stored = await this.storage.read(this.path);
      // Typed meanwhile: the next save will find out, and keep both.
      if (this.unsaved || stored.revision <= this.revision) return;
      this.adopt(stored);
    } catch (why) {
      if (isStatus(why, 404)) this.show({ removed: !this.unsaved });
      // Any other failure: nothing is lost, and the next save or reconnect meets the newer revision.
    }
  }

  private adopt(stored: StoredFile): void {
    this.revision = stored.revision;
    this.executable = stored.executable;
    const text = textOf(stored);
    const same = text === this.saved.toString() && this.view.get().content === this.saved;
    if (!same) this.saved = text;
    this.show({ ...CLEAN, content: this.saved, binary: isBinary(stored) });
  }

  private show(change: Partial<DocumentView>): void {
    this.view.update(now => ({ ...now, ...change }));
  }
}

const CLEAN = { state: "saved", reason: null, theirs: null, removed: false } as const;

export function isBinary(stored: StoredFile): boolean {
  return stored.content.encoding !== "text";
}

/** The text of a stored file; empty for what is not text. */
export function textOf(stored: StoredFile): string {
  return stored.content.encoding === "text" ? stored.content.data : "";
}
