// A person's settings as extensions of an editor, each exchanged when its setting changes.
import { indentUnit } from "@codemirror/language";
import { Compartment, EditorState, type Extension } from "@codemirror/state";
import { EditorView, lineNumbers } from "@codemirror/view";
import type { Settings } from "../state/settings";
import { indentOf } from "./indent";

/** The file that the settings are applied to. */
interface File {
  path: string;
  text: string;
}

/** One setting each, or two that make one thing. */
type Part = (settings: Settings, file: File) => Extension;

const wrapping: Part = ({ wrapLines }) => (wrapLines ? EditorView.lineWrapping : []);
const numbers: Part = settings => (settings.lineNumbers ? lineNumbers() : []);
const widths: Part = ({ tabWidth }, { path, text }) => [
  EditorState.tabSize.of(tabWidth),
  indentUnit.of(indentOf(path, text, tabWidth)),
];

/** The settings of one editor. */
export class Preferences {
  private readonly parts = [wrapping, numbers, widths].map(make => ({ make, place: new Compartment() }));
  /** Fetched when it is first wanted, so empty at first. Before everything else: these keys come first. */
  private readonly vim = new Compartment();
  private vimWanted = false;

  first(): Extension {
    return this.vim.of([]);
  }

  extensions(settings: Settings, file: File): Extension {
    return this.parts.map(({ make, place }) => place.of(make(settings, file)));
  }

  apply(view: EditorView, settings: Settings, file: File): void {
    view.dispatch({ effects: this.parts.map(({ make, place }) => place.reconfigure(make(settings, file))) });
    view.setTabFocusMode(settings.tabKey === "moves");
    if (settings.vimKeys !== this.vimWanted) void this.putVim(view, settings.vimKeys);
  }

  private async putVim(view: EditorView, wanted: boolean): Promise<void> {
    this.vimWanted = wanted;
    // Not to be had just now: ordinary keys until the settings are applied again.
    const part = await import("./vim").catch(() => null);
    if (!part) this.vimWanted = false;
    // Chosen otherwise, or the editor gone, while it was fetched: the last choice stands.
    else if (this.vimWanted === wanted) view.dispatch({ effects: this.vim.reconfigure(wanted ? part.vimKeys() : []) });
  }
}
