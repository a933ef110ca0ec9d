import { expect, it } from "vitest";
import { indentOf } from "./indent";

it("indents as the file does, else as the person wants", () => {
  const rows: [string, string, string][] = [
    ["new.py", "", "    "],
    ["flat.py", "a = 1\nb = 2\n", "    "],
    ["four.py", "def f():\n    if x:\n        y\n", "    "],
    ["two.js", "function f() {\n  if (x) {\n    y();\n  }\n}\n", "  "],
    ["tabs.c", "int main(void)\n{\n\tif (x) {\n\t\ty();\n\t}\n}\n", "\t"],
    ["comment.c", "/*\n * one\n * two\n */\nint f(void) {\n  return 1;\n}\n", "  "],
    ["aligned.py", "call(first,\n           second)\nif x:\n    y\n", "    "],
    ["blank.py", "def f():\n\n  \n    x\n", "    "],
    ["Makefile", "", "\t"],
    ["sub/rules.mk", "a:\n    b\n", "\t"],
  ];
  for (const [path, text, unit] of rows) expect(indentOf(path, text, 4), path).toBe(unit);
  expect(indentOf("new.py", "", 2)).toBe("  ");
});
