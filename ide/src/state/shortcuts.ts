// Every key that does something, for the help and nowhere else: each is bound where it acts. "Mod" is Ctrl, on a Mac Cmd.
import type { Words } from "../words/words";

/** Texts of the area `keys`; those that are functions or headings do no harm here. */
type Does = keyof Words["keys"];

export interface Shortcut {
  /** Each a chord as `Mod-Shift-l`; several do the same, or the two things that the words say. */
  keys: readonly string[];
  does: Does;
}

export interface Group {
  where: Does;
  shortcuts: readonly Shortcut[];
}

const row = (does: Does, ...keys: string[]): Shortcut => ({ does, keys });

export const SHORTCUTS: readonly Group[] = [
  {
    where: "everywhere",
    shortcuts: [
      row("runTests", "Mod-Enter"),
      row("help", "F1"),
      row("settings", "Mod-,"),
      row("nextControl", "Tab"),
      row("tabs", "←", "→", "↑", "↓"),
      row("closeTab", "Delete"),
      row("renameFile", "F2"),
    ],
  },
  {
    where: "editor",
    shortcuts: [
      row("leaveEditor", "Esc Tab"),
      row("toggleTabKey", "Ctrl-m"),
      row("complete", "Ctrl-Space"),
      row("find", "Mod-f"),
      row("findNext", "F3", "Mod-g"),
      row("goToLine", "Mod-Alt-g"),
      row("nextOccurrence", "Mod-d"),
      row("allOccurrences", "Mod-Shift-l"),
      row("cursorAboveBelow", "Mod-Alt-↑", "Mod-Alt-↓"),
      row("rectangle", "Alt-drag"),
      row("comment", "Mod-/"),
      row("indent", "Mod-[", "Mod-]"),
      row("moveLine", "Alt-↑", "Alt-↓"),
      row("copyLine", "Shift-Alt-↑", "Shift-Alt-↓"),
      row("deleteLine", "Mod-Shift-k"),
      row("matchingBracket", "Mod-Shift-\\"),
      row("fold", "Ctrl-Shift-[", "Ctrl-Shift-]"),
      row("foldAll", "Ctrl-Alt-[", "Ctrl-Alt-]"),
      row("undo", "Mod-z"),
      row("redo", "Mod-y", "Mod-Shift-z"),
    ],
  },
  {
    where: "problems",
    shortcuts: [
      row("nextProblem", "F8"),
      row("listProblems", "Mod-Shift-m"),
      row("definition", "F12"),
      row("parameters", "Mod-Shift-Space"),
      row("format", "Shift-Alt-f"),
    ],
  },
  {
    where: "terminal",
    shortcuts: [
      row("leaveTerminal", "F6"),
      row("interrupt", "Ctrl-c"),
      row("endOfInput", "Ctrl-d"),
      row("copy", "Ctrl-Shift-c"),
      row("paste", "Ctrl-Shift-v"),
      row("search", "Ctrl-Shift-f"),
      row("newTerminal", "Ctrl-Shift-`"),
      row("otherTerminal", "Ctrl-Shift-←", "Ctrl-Shift-→"),
    ],
  },
];

const MAC: Record<string, string> = { Mod: "⌘", Ctrl: "⌃", Alt: "⌥", Shift: "⇧", Enter: "⏎" };
const ELSEWHERE: Record<string, string> = { Mod: "Ctrl" };

/** The caps to press, in order: `Mod-Shift-l` is Ctrl, Shift, L. */
export function capsOf(chord: string, onAMac: boolean): string[] {
  const names = onAMac ? MAC : ELSEWHERE;
  return chord.split(/[- ](?=.)/).map(cap => names[cap] ?? (cap.length === 1 ? cap.toUpperCase() : cap));
}
