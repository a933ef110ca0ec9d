// Drafts in IndexedDB: the only file that knows it. Which pages are still open is asked of the browser's locks, so that
// no page takes up what another is still typing.
import { type DBSchema, type IDBPDatabase, openDB } from "idb";
import type { Draft, DraftKey, DraftStore, LeftDraft } from "../state/draft";

interface Row extends Draft {
  account: string;
  workspace: string;
  page: string;
  at: number;
}

type Key = [account: string, workspace: string, path: string, page: string];

interface Schema extends DBSchema {
  drafts: { key: Key; value: Row; indexes: { workspace: [account: string, workspace: string] } };
}

const NAME = "gradus";
const VERSION = 1;

let opening: Promise<IDBPDatabase<Schema>> | null = null;

/** Opened once per page, and again after it was refused or closed by the browser. */
function database(): Promise<IDBPDatabase<Schema>> {
  opening ??= openDB<Schema>(NAME, VERSION, {
    upgrade(db) {
      const drafts = db.createObjectStore("drafts", { keyPath: ["account", "workspace", "path", "page"] });
      drafts.createIndex("workspace", ["account", "workspace"]);
    },
    terminated() {
      opening = null;
    },
  }).catch(why => {
    opening = null;
    throw why;
  });
  return opening;
}

const lockOf = (page: string) => `gradus-page-${page}`;

/** Held for as long as the page lives. */
export function markPageOpen(page: string): void {
  void navigator.locks?.request(lockOf(page), () => new Promise(() => {})).catch(() => {});
}

/** Without locks (plain http on another host) every draft counts as left: taken up twice, it is merged with itself. */
async function openPages(): Promise<(page: string) => boolean> {
  const held = (await navigator.locks?.query().catch(() => null))?.held ?? [];
  const names = new Set(held.map(lock => lock.name));
  return page => names.has(lockOf(page));
}

export function draftsOf(account: string, workspace: string, page: string): DraftStore {
  const own = (path: string): Key => [account, workspace, path, page];
  return {
    async left(): Promise<LeftDraft[]> {
      const rows = await (await database()).getAllFromIndex("drafts", "workspace", [account, workspace]);
      const isOpen = await openPages();
      return rows
        .filter(row => row.page !== page && !isOpen(row.page))
        .sort((a, b) => a.at - b.at)
        .map(row => ({ ...row, key: [account, workspace, row.path, row.page] satisfies Key }));
    },
    async put(draft: Draft, instead: DraftKey[]): Promise<void> {
      const tx = (await database()).transaction("drafts", "readwrite");
      const { path, text, revision, base, executable, sent } = draft;
      const row: Row = { account, workspace, page, path, text, revision, base, executable, sent, at: Date.now() };
      await Promise.all([tx.store.put(row), ...instead.map(key => tx.store.delete(key as Key)), tx.done]);
    },
    async remove(path: string, others: DraftKey[]): Promise<void> {
      const tx = (await database()).transaction("drafts", "readwrite");
      const keys = [own(path), ...others];
      await Promise.all([...keys.map(key => tx.store.delete(key as Key)), tx.done]);
    },
  };
}
