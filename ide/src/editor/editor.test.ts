import { expect, it } from "vitest";
import { difference } from "./editor";

it("finds the one stretch in which two texts differ", () => {
  const rows: [string, string, number, number, string][] = [
    ["", "abc", 0, 0, "abc"],
    ["abc", "", 0, 3, ""],
    ["one two three", "one 2 three", 4, 7, "2"],
    ["aaa", "aa", 2, 3, ""],
    ["aa", "aaa", 2, 2, "a"],
    ["same", "same", 4, 4, ""],
    ["abab", "ab", 2, 4, ""],
  ];
  for (const [now, next, from, to, insert] of rows) {
    const change = difference(now, next);
    expect(change, `${now} → ${next}`).toEqual({ from, to, insert });
    expect(now.slice(0, change.from) + change.insert + now.slice(change.to)).toBe(next);
  }
});
