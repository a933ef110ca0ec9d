import { expect, it } from "vitest";
import { expectedAndGot } from "./expected-and-got";

it("finds the two values where a message names them on lines of their own", () => {
  const rows: [string, { expected: string; got: string } | null][] = [
    ["expected: 3\n     got: 4", { expected: "3", got: "4" }],
    ["Expected: [1, 2]\nReceived: [1]", { expected: "[1, 2]", got: "[1]" }],
    ["E   expected : a b\nE   actual : c", null],
    ["-- output differs --\nexpected : one\nactual   : two\n--", { expected: "one", got: "two" }],
    ["  found: 1\n  wanted: 2\n  compare: ===", { expected: "2", got: "1" }],
    ["assert 3 == 4", null],
    ["expected: 3", null],
    ["unexpected: 3\ngot: 4", null],
    ["", null],
  ];
  for (const [message, pair] of rows) expect(expectedAndGot(message), message).toEqual(pair);
});
