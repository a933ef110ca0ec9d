import { expect, it } from "vitest";
import { capsOf } from "./shortcuts";

it("names the caps as they are printed on the keyboard", () => {
  const rows: [string, string, string][] = [
    ["Mod-Enter", "Ctrl Enter", "⌘ ⏎"],
    ["Mod-Shift-l", "Ctrl Shift L", "⌘ ⇧ L"],
    ["Esc Tab", "Esc Tab", "Esc Tab"],
    ["Mod-/", "Ctrl /", "⌘ /"],
    ["Shift-Alt-↑", "Shift Alt ↑", "⇧ ⌥ ↑"],
    ["Ctrl-Alt-[", "Ctrl Alt [", "⌃ ⌥ ["],
    ["F1", "F1", "F1"],
  ];
  for (const [chord, elsewhere, mac] of rows) {
    expect([capsOf(chord, false), capsOf(chord, true)]).toEqual([elsewhere.split(" "), mac.split(" ")]);
  }
});
