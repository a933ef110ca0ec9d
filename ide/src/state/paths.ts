// Names of files in a workspace, checked before the server is asked (it checks again). Pure; mirrors
// ide-protocol/src/files.rs.

import { words } from "../words/words";

const MAX_PATH_BYTES = 1_024;
const MAX_PART_BYTES = 255;
const MAX_DEPTH = 17;

const size = (text: string) => new TextEncoder().encode(text).length;

/** What is wrong with `path` as the name of a new file, for people; null when nothing is. */
export function problemWithPath(path: string, taken: readonly string[]): string | null {
  if (path.trim() === "") return words.files.nameMissing;
  const parts = path.split("/");
  if (parts.some(part => part === "" || part === "." || part === "..")) {
    return words.files.nameLeadsUp;
  }
  if (/[\p{Cc}\\]/u.test(path)) return words.files.nameHasControl;
  if (size(path) > MAX_PATH_BYTES || parts.some(part => size(part) > MAX_PART_BYTES)) return words.files.nameTooLong;
  if (parts.length > MAX_DEPTH) return words.files.nameTooDeep;
  if (taken.includes(path)) return words.files.nameTaken;
  if (taken.some(other => other.startsWith(`${path}/`))) return words.files.nameIsFolder;
  if (taken.some(other => path.startsWith(`${other}/`))) return words.files.folderIsFile;
  return null;
}

export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** What comes after the last dot of the name, in lower case; empty where there is none. */
export function endingOf(path: string): string {
  const name = nameOf(path);
  return name.includes(".") ? name.slice(name.lastIndexOf(".") + 1).toLowerCase() : "";
}

/** The folder a file is in, with a slash at the end; empty for the workspace itself. */
export function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/") + 1);
}
