// Problems that a language server finds, in the gutter and by key. Advice, never a grade: only tests give those.
import {
  type Diagnostic,
  forEachDiagnostic,
  lintGutter,
  nextDiagnostic,
  openLintPanel,
  previousDiagnostic,
} from "@codemirror/lint";
import type { Extension } from "@codemirror/state";
import { type Command, EditorView, keymap } from "@codemirror/view";
import { words } from "../words/words";

/** Goes to a problem and says it: the tooltip that opens is not read out by itself. */
function going(to: Command): Command {
  return view => {
    if (!to(view)) return false;
    const found = problemAt(view, view.state.selection.main.from);
    const line = view.state.doc.lineAt(view.state.selection.main.from).number;
    if (found) view.dispatch({ effects: EditorView.announce.of(words.editor.problemAt(line, found.message)) });
    return true;
  };
}

function problemAt(view: EditorView, position: number): Diagnostic | null {
  let found: Diagnostic | null = null;
  forEachDiagnostic(view.state, (problem, from) => {
    if (from === position) found ??= problem;
  });
  return found;
}

export const problems: Extension = [
  lintGutter(),
  keymap.of([
    { key: "F8", run: going(nextDiagnostic), shift: going(previousDiagnostic), preventDefault: true },
    { key: "Mod-Shift-m", run: openLintPanel, preventDefault: true },
  ]),
];
