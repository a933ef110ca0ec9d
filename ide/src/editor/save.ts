// Saving on demand, for keys: Ctrl-S of habit, :w of Vim. Files save themselves after a pause all the same.
import { type Extension, Facet } from "@codemirror/state";
import { type EditorView, keymap } from "@codemirror/view";

const saver = Facet.define<() => void>();

export function saveNow(view: EditorView): true {
  for (const save of view.state.facet(saver)) save();
  return true;
}

export function savesWith(save: () => void): Extension {
  return [saver.of(save), keymap.of([{ key: "Mod-s", run: saveNow, preventDefault: true }])];
}
