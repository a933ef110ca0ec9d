import { describe, expect, it } from "vitest";
import { judgePaste, MAX_PASTE_BYTES, PREVIEW_LINES } from "./paste";

describe("a paste", () => {
  it.each([
    ["one line", "ls -l", false, "ls -l"],
    ["one line and its Enter", "ls -l\n", false, "ls -l\n"],
    ["many lines where a shell shows them first", "a\nb\n", true, "a\nb\n"],
    ["line ends of another system", "a\r\nb\rc", true, "a\nb\nc"],
    ["what would end a bracketed paste", "echo \x1b[201~; rm x", true, "echo [201~; rm x"],
    ["keys in disguise", "a\x03\x15\x7f\x9bb", true, "ab"],
    ["words of all scripts, tabs and marks", "año\t日本語 e\u0301 😀 שלום", true, "año\t日本語 e\u0301 😀 שלום"],
  ])("passes: %s", (_, pasted, bracketed, text) => {
    expect(judgePaste(pasted, bracketed)).toEqual({ type: "paste", text });
  });

  it("of several lines asks where each would run at once", () => {
    const text = Array.from({ length: 9 }, (_, n) => `line ${n}`).join("\n");
    const judged = judgePaste(`${text}\n`, false);
    expect(judged).toMatchObject({ type: "ask", lines: 9, text: `${text}\n` });
    expect(judged.type === "ask" && judged.preview).toHaveLength(PREVIEW_LINES);
  });

  it.each([
    ["bytes", "x".repeat(MAX_PASTE_BYTES + 1)],
    ["letters of several bytes", "字".repeat(MAX_PASTE_BYTES / 3 + 1)],
  ])("of too many %s is refused, not cut", (_, pasted) => {
    expect(judgePaste(pasted, true)).toEqual({ type: "too_much" });
  });

  it("as long as allowed passes", () => {
    expect(judgePaste("x".repeat(MAX_PASTE_BYTES), true).type).toBe("paste");
  });
});
