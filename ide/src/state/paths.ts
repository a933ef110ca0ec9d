// Names of files in a workspace, checked before the server is asked (it checks again). Pure; mirrors
// ide-protocol/src/files.rs.

const MAX_PATH_BYTES = 1_024;
const MAX_PART_BYTES = 255;
const MAX_DEPTH = 17;

const size = (text: string) => new TextEncoder().encode(text).length;

/** What is wrong with `path` as the name of a new file, for people; null when nothing is. */
export function problemWithPath(path: string, taken: readonly string[]): string | null {
  if (path.trim() === "") return "Give the file a name.";
  const parts = path.split("/");
  if (parts.some(part => part === "" || part === "." || part === "..")) {
    return "A name goes down from the lesson's folder: no leading or double slash, no “.” or “..”.";
  }
  if (/[\p{Cc}\\]/u.test(path)) return "A name cannot hold control characters or backslashes.";
  if (size(path) > MAX_PATH_BYTES || parts.some(part => size(part) > MAX_PART_BYTES)) return "This name is too long.";
  if (parts.length > MAX_DEPTH) return "This is too many folders deep.";
  if (taken.includes(path)) return "There is a file of this name already.";
  if (taken.some(other => other.startsWith(`${path}/`))) return "There is a folder of this name already.";
  if (taken.some(other => path.startsWith(`${other}/`))) return "One of these folders is a file.";
  return null;
}

export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** The folder a file is in, with a slash at the end; empty for the workspace itself. */
export function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/") + 1);
}
