import { describe, expect, it } from "vitest";
import { actionOf, isOfPage, touched, withCtrl } from "./keys";

const press = (keys: string) => {
  const parts = keys.split("+");
  const code = parts.pop() ?? "";
  const has = (name: string) => parts.includes(name);
  return {
    key: code.replace(/^Key/, ""),
    code,
    ctrlKey: has("Ctrl"),
    metaKey: has("Meta"),
    altKey: has("Alt"),
    shiftKey: has("Shift"),
  };
};

describe("keys in a terminal", () => {
  it.each([
    ["F6", "leave"],
    ["Ctrl+Shift+KeyC", "copy"],
    ["Ctrl+Insert", "copy"],
    ["Ctrl+Shift+KeyF", "find"],
    ["Ctrl+Shift+Backquote", "new"],
    ["Ctrl+Shift+ArrowRight", "next"],
    ["Ctrl+Shift+ArrowLeft", "previous"],
    // All else is the program's, Ctrl-C above all.
    ["Ctrl+KeyC", null],
    ["Ctrl+KeyF", null],
    ["Ctrl+KeyV", null],
    ["Shift+F6", null],
    ["Ctrl+F6", null],
    ["Alt+F6", null],
    ["Ctrl+Alt+Shift+KeyC", null],
    ["Meta+KeyC", null],
    ["Tab", null],
    ["Escape", null],
  ])("%s: %s", (keys, action) => {
    expect(actionOf(press(keys))).toBe(action);
  });

  it.each([
    ["Ctrl+Enter", true],
    ["Meta+Enter", true],
    ["Enter", false],
    ["Ctrl+KeyC", false],
  ])("%s is the page's: %s", (keys, ofPage) => {
    expect(isOfPage(press(keys))).toBe(ofPage);
  });
});

describe("keys of a touch screen", () => {
  it.each([
    ["Escape", false, "\x1b"],
    ["Tab", false, "\t"],
    ["|", false, "|"],
    ["ArrowUp", false, "\x1b[A"],
    ["ArrowLeft", true, "\x1bOD"],
  ] as const)("%s (application %s)", (key, application, sent) => {
    expect(touched(key, application)).toBe(sent);
  });

  it.each([
    ["c", "\x03"],
    ["C", "\x03"],
    ["z", "\x1a"],
    ["[", "\x1b"],
    [" ", "\x00"],
    ["1", "1"],
    ["ñ", "ñ"],
    ["paste me", "paste me"],
  ])("Ctrl and %s", (typed, sent) => {
    expect(withCtrl(typed)).toBe(sent);
  });
});
