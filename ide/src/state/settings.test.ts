import { expect, it } from "vitest";
import { settingsOf } from "./settings";
import { answered, type Copy, chosen, EMPTY, entered, fieldsOf, left, readCopy } from "./settings-copy";

const anna = (stored = {}, pending = {}): Copy => ({ account: "anna", stored, pending });

it("shows what was chosen here over what is stored, until the server has it", () => {
  const trying = chosen(anna({ theme: "dark", vimKeys: true }), { theme: "light" });
  expect(fieldsOf(trying)).toEqual({ theme: "light", vimKeys: true });
  const sent = trying.pending;
  const later = chosen(trying, { codeSize: 16 });
  const after = answered(later, { theme: "light", vimKeys: false }, sent);
  expect(after).toEqual(anna({ theme: "light", vimKeys: false }, { codeSize: 16 }));
});

it("sends again what was changed once more while the server answered", () => {
  const sent = { theme: "dark" };
  const now = chosen(anna({}, sent), { theme: "light" });
  expect(answered(now, { theme: "dark" }, sent).pending).toEqual({ theme: "light" });
});

it("gives nobody what somebody else chose", () => {
  const rows: [string, Copy, Copy][] = [
    ["anna comes back", anna({ theme: "dark" }, { vimKeys: true }), anna({ theme: "dark" }, { vimKeys: true })],
    ["after somebody who did not log out", { ...anna({}, { vimKeys: true }), account: "ben" }, anna()],
    ["chosen before logging in", chosen(EMPTY, { language: "es" }), anna({}, { language: "es" })],
    ["after somebody who did", left(anna({}, { vimKeys: true })), anna({ vimKeys: true })],
  ];
  for (const [what, before, after] of rows) expect(entered(before, "anna"), what).toEqual(after);
  // The last row's fields are looks only: they are never sent, and the server's answer replaces them.
  expect(answered(anna({ vimKeys: true }), {}, {})).toEqual(anna());
});

it("keeps the screen as it is when its person logs out, and a choice on the login page through a reload", () => {
  const out = left(anna({ theme: "dark" }, { codeSize: 18 }));
  expect(fieldsOf(out)).toEqual({ theme: "dark", codeSize: 18 });
  const choosing = chosen(out, { language: "es" });
  expect(left(choosing)).toEqual(choosing);
});

it("reads whatever the browser kept", () => {
  const rows: [unknown, Copy][] = [
    [null, EMPTY],
    ["nonsense", EMPTY],
    [[1], EMPTY],
    [{ theme: "dark" }, EMPTY],
    [
      { account: 7, stored: { theme: "dark", nested: {} }, pending: null },
      { ...EMPTY, stored: { theme: "dark" } },
    ],
    [anna({ a: 1 }, { b: true }), anna({ a: 1 }, { b: true })],
  ];
  for (const [kept, copy] of rows) expect(readCopy(kept)).toEqual(copy);
});

it("takes only values it knows; others are as if nothing had been chosen", () => {
  const defaults = settingsOf({});
  expect(settingsOf({ theme: "dark", codeSize: 18, tabKey: "moves" })).toEqual({
    ...defaults,
    theme: "dark",
    codeSize: 18,
    tabKey: "moves",
  });
  const odd = { theme: "sepia", codeSize: 1000, vimKeys: "yes", tabWidth: 4.5, language: "xx", ofTomorrow: true };
  expect(settingsOf(odd)).toEqual(defaults);
});
