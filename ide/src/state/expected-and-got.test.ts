import { expect, it } from "vitest";
import { expectedAndGot } from "./expected-and-got";

it("finds the two values in every framework's words, and keeps what stands around them", () => {
  const rows: [string, ReturnType<typeof expectedAndGot>][] = [
    ["expected: 4\ngot: 5", { before: "", expected: "4", got: "5", after: "" }],
    ["  Actual:   'a b'\n  Expected: 'ab'", { before: "", expected: "'ab'", got: "'a b'", after: "" }],
    ["+ wanted : x: y\n- found : z", { before: "", expected: "x: y", got: "z", after: "" }],
    [
      'assert count_words("tea") == {"tea": 1}\ngot:      None\nexpected: {\'tea\': 1}\n  wordcount.py, line 3, in count',
      {
        before: 'assert count_words("tea") == {"tea": 1}',
        expected: "{'tea': 1}",
        got: "None",
        after: "  wordcount.py, line 3, in count",
      },
    ],
    [
      "ran:      ./top-pages.sh log 2\ngot:\n    3 /b\n    2 /a\nexpected:\n    3 /a\n\n      2 /b\nits output: x",
      {
        before: "ran:      ./top-pages.sh log 2",
        expected: "3 /a\n\n  2 /b",
        got: "3 /b\n2 /a",
        after: "its output: x",
      },
    ],
    [
      "list.c:12: length(&list)\ngot:      0\nexpected: 3",
      { before: "list.c:12: length(&list)", expected: "3", got: "0", after: "" },
    ],
    [
      "assert receipt() == …\nlines with - came but are not expected, lines with + are missing:\n  tea  1\n- milk 2\n+ milk 3\n\n  total",
      {
        before: "assert receipt() == …",
        expected: "tea  1\nmilk 3\n\ntotal",
        got: "tea  1\nmilk 2\n\ntotal",
        after: "",
      },
    ],
  ];
  for (const [message, expected] of rows) expect(expectedAndGot(message), message).toEqual(expected);
});

it("finds none where a message compares nothing", () => {
  const rows = [
    "",
    "NameError: name 'x' is not defined",
    "expected: only this",
    "got: only that",
    "expected 4 but got 5",
  ];
  for (const message of rows) expect(expectedAndGot(message), message).toBeNull();
});

it("does not take a value for a label", () => {
  expect(expectedAndGot("got:      'expected: 4'\nexpected: 'got: 5'")).toMatchObject({
    expected: "'got: 5'",
    got: "'expected: 4'",
  });
});
