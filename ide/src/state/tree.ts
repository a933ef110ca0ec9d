// The file tree as the rows a person sees, and where each key leads. Pure.
import type { FileRole, WorkspaceEntry } from "../protocol/generated";
import { nameOf } from "./paths";

export interface Row {
  path: string;
  name: string;
  /** From 0. */
  depth: number;
  kind: "file" | "folder";
  role: FileRole;
  open: boolean;
}

/** Folders first, each followed by what is in it unless it is in `closed`; by name within. */
export function rowsOf(entries: readonly WorkspaceEntry[], closed: ReadonlySet<string>): Row[] {
  const rows: Row[] = [];
  addFolder(entries, "", 0, closed, rows);
  return rows;
}

function addFolder(
  entries: readonly WorkspaceEntry[],
  prefix: string,
  depth: number,
  closed: ReadonlySet<string>,
  rows: Row[],
): void {
  const inside = entries.filter(entry => entry.path.startsWith(prefix));
  const folders = new Set<string>();
  for (const { path } of inside) {
    const slash = path.indexOf("/", prefix.length);
    if (slash > 0) folders.add(path.slice(0, slash));
  }
  for (const path of [...folders].sort(byName)) {
    const open = !closed.has(path);
    rows.push({ path, name: nameOf(path), depth, kind: "folder", role: "editable", open });
    if (open) addFolder(inside, `${path}/`, depth + 1, closed, rows);
  }
  const files = inside.filter(({ path }) => !path.includes("/", prefix.length));
  for (const { path, role } of files.sort((a, b) => byName(a.path, b.path))) {
    rows.push({ path, name: nameOf(path), depth, kind: "file", role, open: false });
  }
}

function byName(a: string, b: string): number {
  return a.localeCompare(b, undefined, { numeric: true });
}

/** Folders in which there is nothing to edit start closed, so that what is the learner's is in sight. */
export function startClosed(entries: readonly WorkspaceEntry[]): Set<string> {
  const folders = rowsOf(entries, new Set()).filter(row => row.kind === "folder");
  const editable = (folder: string) => entries.some(e => e.role === "editable" && e.path.startsWith(`${folder}/`));
  return new Set(folders.map(row => row.path).filter(path => !editable(path)));
}

export type TreeMove = { focus: string } | { toggle: string } | null;

/** What an arrow key does on the row at `path`, after the WAI-ARIA tree pattern. */
export function moveOn(rows: readonly Row[], path: string, key: string): TreeMove {
  const at = rows.findIndex(row => row.path === path);
  const row = rows[at];
  if (!row) return null;
  const focus = (target: Row | undefined): TreeMove => (target ? { focus: target.path } : null);
  const parent = () => rows.slice(0, at).findLast(other => other.depth < row.depth);
  switch (key) {
    case "ArrowDown":
      return focus(rows[at + 1]);
    case "ArrowUp":
      return focus(rows[at - 1]);
    case "Home":
      return focus(rows[0]);
    case "End":
      return focus(rows.at(-1));
    case "ArrowRight":
      if (row.kind === "file") return null;
      return row.open ? focus(rows[at + 1]) : { toggle: path };
    case "ArrowLeft":
      return row.kind === "folder" && row.open ? { toggle: path } : focus(parent());
    default:
      return null;
  }
}
