// What every editor of Gradus can do, whatever the file and whoever's the settings.
import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { bracketMatching, codeFolding, foldGutter, foldKeymap, indentOnInput } from "@codemirror/language";
import { EditorState, type Extension } from "@codemirror/state";
import {
  crosshairCursor,
  drawSelection,
  dropCursor,
  highlightActiveLine,
  highlightActiveLineGutter,
  highlightSpecialChars,
  type KeyBinding,
  keymap,
  rectangularSelection,
} from "@codemirror/view";
import { choose, settings } from "../state/settings";
import { findsSoon } from "./finding";
import { look } from "./look";

/** Ctrl-M is a choice like any other: it holds in every file, and on every device. */
const toggleTabKey: KeyBinding = {
  key: "Ctrl-m",
  mac: "Shift-Alt-m",
  run: () => {
    choose({ tabKey: settings.get().tabKey === "indents" ? "moves" : "indents" });
    return true;
  },
};

/** Mod-Enter runs the tests, everywhere. */
const editing = defaultKeymap.filter(({ key }) => key !== "Mod-Enter" && key !== toggleTabKey.key);

export const basics: Extension = [
  highlightActiveLineGutter(),
  highlightSpecialChars(),
  history(),
  codeFolding(),
  foldGutter(),
  drawSelection(),
  dropCursor(),
  rectangularSelection(),
  crosshairCursor(),
  EditorState.allowMultipleSelections.of(true),
  indentOnInput(),
  bracketMatching(),
  closeBrackets(),
  autocompletion(),
  highlightActiveLine(),
  findsSoon,
  keymap.of([toggleTabKey, ...closeBracketsKeymap, ...editing, ...historyKeymap, ...foldKeymap]),
  // Tab indents, unless it was chosen to move on; Escape, then Tab, leaves the editor (CodeMirror's own way out).
  keymap.of([...completionKeymap, indentWithTab]),
  look,
];
