import { expect, it } from "vitest";
import { MAX_MERGED_LINES, merge } from "./merge";

const lines = (...all: string[]) => all.join("\n");

it("joins what was changed apart, and leaves to the learner what was changed twice", () => {
  const base = lines("one", "two", "three", "four", "five");
  const rows: [what: string, mine: string, theirs: string, merged: string | null][] = [
    ["nothing", base, base, base],
    ["mine alone", lines("ONE", "two", "three", "four", "five"), base, lines("ONE", "two", "three", "four", "five")],
    ["theirs alone", base, lines("one", "two", "three", "four", "FIVE"), lines("one", "two", "three", "four", "FIVE")],
    [
      "different lines",
      lines("ONE", "two", "three", "four", "five"),
      lines("one", "two", "three", "four", "FIVE"),
      lines("ONE", "two", "three", "four", "FIVE"),
    ],
    [
      "one inserted, another removed",
      lines("zero", "one", "two", "three", "four", "five"),
      lines("one", "two", "three", "five"),
      lines("zero", "one", "two", "three", "five"),
    ],
    ["the same change", lines("1", "two"), lines("1", "two"), lines("1", "two")],
    [
      "the same line",
      lines("one", "mine", "three", "four", "five"),
      lines("one", "theirs", "three", "four", "five"),
      null,
    ],
    [
      "neighbouring lines",
      lines("one", "mine", "three", "four", "five"),
      lines("one", "two", "theirs", "four", "five"),
      null,
    ],
    ["both at the end", `${base}\nmine`, `${base}\ntheirs`, null],
    ["changed and removed", lines("one", "two", "MINE", "four", "five"), lines("one", "two", "four", "five"), null],
  ];
  for (const [what, mine, theirs, merged] of rows) {
    expect(merge(base, mine, theirs), what).toBe(merged);
    expect(merge(base, theirs, mine), `${what}, the other way round`).toBe(merged);
  }
});

it("keeps line ends as they are", () => {
  expect(merge("a\r\nb\r\nc\r\n", "A\r\nb\r\nc\r\n", "a\r\nb\r\nC\r\n")).toBe("A\r\nb\r\nC\r\n");
});

it("does not try where it would take long", () => {
  const long = (first: string, last: string) => [first, ...Array(MAX_MERGED_LINES).fill("same"), last].join("\n");
  expect(merge(long("a", "z"), long("A", "z"), long("a", "Z"))).toBeNull();
  const beside = (first: string, third: string) =>
    [first, "b", third, ...Array(MAX_MERGED_LINES).fill("same")].join("\n");
  expect(merge(beside("a", "c"), beside("A", "c"), beside("a", "C"))).toBe(beside("A", "C"));
});
