import { expect, it } from "vitest";
import { piecesOf } from "./places";

const PATHS = new Set([
  "wordcount.py",
  "till/prices.py",
  "tests/pipes.bats",
  "text.c",
  "orders.js",
  "top-pages.sh",
  "my notes.py",
  "open-loans.sql",
  "Makefile",
]);

const placesIn = (text: string) =>
  piecesOf(text, PATHS).flatMap(({ place }) => (place ? [[place.path, place.line, place.column]] : []));

it("finds the places that programs of every lesson name", () => {
  const rows: [string, (string | number | null)[][]][] = [
    ['  File "wordcount.py", line 12', [["wordcount.py", 12, null]]],
    ['File "/home/learner/work/till/prices.py", line 3, in cents', [["till/prices.py", 3, null]]],
    ['File "my notes.py", line 1', [["my notes.py", 1, null]]],
    ["  till/prices.py, line 4, in read: return int(text)", [["till/prices.py", 4, null]]],
    ["wordcount.py:12: AssertionError", [["wordcount.py", 12, null]]],
    ["text.c:3:5: error: expected ‘;’ before ‘}’", [["text.c", 3, 5]]],
    ["./text.c:3:5: warning", [["text.c", 3, 5]]],
    ["    #1 0x55d in copy /home/learner/work/text.c:31:9", [["text.c", 31, 9]]],
    ["(in test file tests/pipes.bats, line 12)", [["tests/pipes.bats", 12, null]]],
    ["./top-pages.sh: line 3: uniqq: command not found", [["top-pages.sh", 3, null]]],
    ["    at total (file:///home/learner/work/orders.js:3:4)", [["orders.js", 3, 4]]],
    ["  at orders.js, line 4, in total", [["orders.js", 4, null]]],
    ["psql:open-loans.sql:3: ERROR:  syntax error", [["open-loans.sql", 3, null]]],
    ["make: *** [Makefile:7: all] Error 1", [["Makefile", 7, null]]],
    [
      "text.c:3:5 and text.c:9:1",
      [
        ["text.c", 3, 5],
        ["text.c", 9, 1],
      ],
    ],
    ["text.c:3:0", [["text.c", 3, 1]]],
  ];
  for (const [text, expected] of rows) expect(placesIn(text), text).toEqual(expected);
});

it("leaves alone what is no file of the workspace, and what is no place", () => {
  const rows = [
    "/usr/lib/python3.11/json/decoder.py:355: in decode",
    'File "/etc/passwd", line 1',
    "../text.c:3:5",
    "/home/learner/text.c:3:5",
    "text.c",
    "text.c: 3",
    "text.c:0:1",
    "http://text.c:80/",
    "nottext.c:3:5",
    "got: 12:30",
    "javascript:alert(1):3",
    "text.c:99999999999",
  ];
  for (const text of rows) expect(placesIn(text), text).toEqual([]);
});

it("keeps every character", () => {
  const texts = ["", "plain", "a\ntext.c:3:5: x\nb", "text.c:1", "x".repeat(1_000)];
  for (const text of texts)
    expect(
      piecesOf(text, PATHS)
        .map(piece => piece.text)
        .join(""),
    ).toBe(text);
});

it("takes a moment at most for output made to be slow, and marks no more than helps", () => {
  const hostile = [
    "a".repeat(64_000),
    '"'.repeat(64_000),
    "text.c:".repeat(9_000),
    "./".repeat(32_000),
    "1:".repeat(32_000),
  ];
  const before = performance.now();
  for (const text of hostile) expect(placesIn(text)).toEqual([]);
  expect(performance.now() - before).toBeLessThan(2_000);
  expect(placesIn("text.c:1:1\n".repeat(5_000))).toHaveLength(200);
});
