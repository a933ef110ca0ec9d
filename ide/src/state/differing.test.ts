import { expect, it } from "vitest";
import { differing, type Stretch } from "./differing";

/** `[…]` around what differs. */
const marked = (stretches: Stretch[]) => stretches.map(({ text, differs }) => (differs ? `[${text}]` : text)).join("");

it("marks what differs in both texts, and nothing else", () => {
  const rows: [string, string, string, string][] = [
    ["4", "5", "[4]", "[5]"],
    ["same", "same", "same", "same"],
    ["{'tea': 2, 'milk': 1}", "{'tea': 1, 'milk': 1}", "{'tea': [2], 'milk': 1}", "{'tea': [1], 'milk': 1}"],
    ["[1, 2, 3]", "[1, 3]", "[1, [2, ]3]", "[1, 3]"],
    ["a b", "a  b", "a[ ]b", "a[  ]b"],
    ["x\ny\n", "x\ny", "x\ny[\n]", "x\ny"],
    ["", "something", "", "[something]"],
    ["tea 3\nmilk 2", "milk 2\ntea 3", "[tea 3\n]milk 2", "milk 2[\ntea 3]"],
    ["naïve 猫", "naive 猫", "[naïve] 猫", "[naive] 猫"],
  ];
  for (const [expected, got, markedExpected, markedGot] of rows) {
    const both = differing(expected, got);
    expect([marked(both.expected), marked(both.got)], `${expected} / ${got}`).toEqual([markedExpected, markedGot]);
  }
});

it("keeps every character, however long the texts are", () => {
  const long = (word: string) => Array.from({ length: 4_000 }, (_, at) => `${word}${at % 7}`).join(" ");
  const both = differing(long("a"), long("b"));
  expect(both.expected.map(({ text }) => text).join("")).toBe(long("a"));
  expect(both.got.map(({ text }) => text).join("")).toBe(long("b"));
});
