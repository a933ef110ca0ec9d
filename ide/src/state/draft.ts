// Text that the server does not have yet, as it is kept in this browser. Knows no browser.

/** One file's unsaved text with what it grew out of, so that it can be merged whenever it comes back. */
export interface Draft {
  path: string;
  text: string;
  /** What was stored when the learner began: revision and text. */
  revision: number;
  base: string;
  executable: boolean;
  /** Texts on their way when last heard of; the server may hold one of them. */
  sent: string[];
}

/** A draft of a page that is gone. */
export interface LeftDraft extends Draft {
  key: DraftKey;
  /** When it was kept, in milliseconds since 1970. */
  at: number;
}

/** Names one kept draft; only its store looks inside. */
export type DraftKey = readonly unknown[];

/** Where one account's drafts of one workspace are kept. */
export interface DraftStore {
  /** What pages that are gone left behind, oldest first. */
  left(): Promise<LeftDraft[]>;
  /** Keeps `draft` as this page's for its path. From then on `instead` is gone: what it held is in `draft`. */
  put(draft: Draft, instead: DraftKey[]): Promise<void>;
  /** The server has it: forgets this page's draft of `path`, and `others`. */
  remove(path: string, others: DraftKey[]): Promise<void>;
}
