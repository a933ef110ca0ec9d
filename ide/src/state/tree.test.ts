import { describe, expect, it } from "vitest";
import type { WorkspaceEntry } from "../protocol/generated";
import { problemWithPath } from "./paths";
import { moveOn, rowsOf, startClosed } from "./tree";

const entries: WorkspaceEntry[] = ["b.txt", "src/main.py", "src/lib/a.py", "a10.txt", "a2.txt"].map(path => ({
  path,
  role: path === "b.txt" ? "read_only" : "editable",
  revision: 1,
  size: 1,
}));
const shown = (closed: string[] = []) =>
  rowsOf(entries, new Set(closed)).map(
    row => `${"  ".repeat(row.depth)}${row.name}${row.kind === "folder" ? "/" : ""}`,
  );

describe("the file tree", () => {
  it("shows folders first, then names as people sort them", () => {
    expect(shown()).toEqual(["src/", "  lib/", "    a.py", "  main.py", "a2.txt", "a10.txt", "b.txt"]);
    expect(shown(["src/lib"])).toEqual(["src/", "  lib/", "  main.py", "a2.txt", "a10.txt", "b.txt"]);
    expect(shown(["src"])).toEqual(["src/", "a2.txt", "a10.txt", "b.txt"]);
  });

  it("starts with those folders open in which there is something to do", () => {
    const readOnly = entries.map(
      entry => ({ ...entry, role: entry.path.includes("lib") ? "read_only" : entry.role }) as const,
    );
    expect([...startClosed(readOnly)]).toEqual(["src/lib"]);
  });

  it("is walked with the arrow keys", () => {
    const rows = rowsOf(entries, new Set(["src/lib"]));
    const table: [string, string, ReturnType<typeof moveOn>][] = [
      ["src", "ArrowDown", { focus: "src/lib" }],
      ["src", "ArrowUp", null],
      ["src", "ArrowRight", { focus: "src/lib" }],
      ["src", "ArrowLeft", { toggle: "src" }],
      ["src/lib", "ArrowRight", { toggle: "src/lib" }],
      ["src/lib", "ArrowLeft", { focus: "src" }],
      ["src/main.py", "ArrowLeft", { focus: "src" }],
      ["src/main.py", "ArrowRight", null],
      ["b.txt", "ArrowDown", null],
      ["b.txt", "Home", { focus: "src" }],
      ["src", "End", { focus: "b.txt" }],
      ["gone", "Home", null],
    ];
    for (const [path, key, move] of table) expect(moveOn(rows, path, key), `${key} on ${path}`).toEqual(move);
  });
});

describe("a new file's name", () => {
  it("is checked before the server is asked", () => {
    const taken = ["main.py", "src/a.py"];
    for (const good of ["b.py", "src/b.py", "new/deep/er.txt", ".env", "имя.txt"]) {
      expect(problemWithPath(good, taken), good).toBeNull();
    }
    for (const bad of ["", "  ", "/x", "a//b", "../x", "a/.", "a\\b", "a\tb", "main.py", "src", "main.py/x"]) {
      expect(problemWithPath(bad, taken), bad).not.toBeNull();
    }
    expect(problemWithPath("x".repeat(256), taken)).toMatch(/too long/);
    expect(problemWithPath(`${"d/".repeat(17)}f`, taken)).toMatch(/too many folders/);
  });
});
