// CodeMirror behind a TextDocument: shows it, tells it what is typed, follows it when it is changed from elsewhere.
// Knows nothing of saving.
import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyField, historyKeymap, indentWithTab } from "@codemirror/commands";
import { bracketMatching, indentOnInput, indentUnit } from "@codemirror/language";
import { highlightSelectionMatches, search, searchKeymap } from "@codemirror/search";
import { Annotation, Compartment, EditorState, type Extension } from "@codemirror/state";
import {
  drawSelection,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  highlightSpecialChars,
  keymap,
  lineNumbers,
} from "@codemirror/view";
import type { Content, TextDocument } from "../state/document";
import { words } from "../words/words";
import { languageOf } from "./languages";
import { look } from "./look";

/** Marks a change that came from the document, not from the keyboard. */
const fromDocument = Annotation.define<true>();
const wrapping = new Compartment();
const language = new Compartment();

/** Undo history, selection and scroll place of documents that are not shown just now. */
const putAway = new WeakMap<TextDocument, { state: EditorState; top: number; shown: Content }>();

export class Editor {
  private readonly view: EditorView;
  private readonly stopListening: () => void;
  /** The document's content that the editor's text was last made equal to. */
  private shown: Content;

  constructor(
    host: HTMLElement,
    private readonly document: TextDocument,
    wrap: boolean,
  ) {
    const { content } = document.view.get();
    const before = putAway.get(document);
    this.shown = content;
    // A state put away carries the listener of an editor that is gone: only its text and history are taken over.
    const state = before ? this.stateFrom(before.state) : this.stateOf(content.toString());
    this.view = new EditorView({ parent: host, state });
    this.setWrapping(wrap);
    if (before) this.shown = before.shown;
    this.follow();
    if (before) requestAnimationFrame(() => this.view.scrollDOM.scrollTo({ top: before.top }));
    this.stopListening = document.view.subscribe(() => this.follow());
    void this.loadLanguage();
  }

  setWrapping(wrap: boolean): void {
    this.view.dispatch({ effects: wrapping.reconfigure(wrap ? EditorView.lineWrapping : []) });
  }

  focus(): void {
    this.view.focus();
  }

  dispose(): void {
    this.stopListening();
    putAway.set(this.document, { state: this.view.state, top: this.view.scrollDOM.scrollTop, shown: this.shown });
    this.view.destroy();
  }

  private stateOf(text: string): EditorState {
    return EditorState.create({ doc: text, extensions: this.extensions(text) });
  }

  private stateFrom(state: EditorState): EditorState {
    const fields = { history: historyField };
    const extensions = this.extensions(this.document.view.get().content.toString());
    return EditorState.fromJSON(state.toJSON(fields), { extensions }, fields);
  }

  private extensions(text: string): Extension[] {
    const { path, role } = this.document;
    const readOnly = role !== "editable";
    return [
      basics,
      EditorState.phrases.of(words.codemirror),
      wrapping.of([]),
      language.of([]),
      EditorState.lineSeparator.of(usesCrLf(text) ? "\r\n" : "\n"),
      EditorState.readOnly.of(readOnly),
      EditorView.contentAttributes.of({
        tabindex: "0",
        "aria-label": readOnly ? words.files.nameReadOnly(path) : path,
        ...(readOnly ? { "aria-readonly": "true" } : {}),
      }),
      EditorView.updateListener.of(update => {
        if (!update.docChanged || update.transactions.some(change => change.annotation(fromDocument))) return;
        this.shown = contentOf(update.state);
        this.document.edit(this.shown);
      }),
    ];
  }

  /** Takes over what was changed elsewhere, touching only what differs so that the cursor stays where it was. */
  private follow(): void {
    const { content } = this.document.view.get();
    if (content === this.shown) return;
    this.shown = content;
    const [now, next] = [this.view.state.doc.toString(), content.toString().replaceAll("\r\n", "\n")];
    if (now === next) return;
    this.view.dispatch({ changes: difference(now, next), annotations: fromDocument.of(true) });
  }

  private async loadLanguage(): Promise<void> {
    const extension = await languageOf(this.document.path, this.view.state.doc.line(1).text);
    this.view.dispatch({ effects: language.reconfigure(extension) });
  }
}

const basics: Extension = [
  lineNumbers(),
  highlightActiveLineGutter(),
  highlightSpecialChars(),
  history(),
  drawSelection(),
  EditorState.allowMultipleSelections.of(true),
  indentOnInput(),
  indentUnit.of("    "),
  bracketMatching(),
  closeBrackets(),
  autocompletion(),
  highlightActiveLine(),
  highlightSelectionMatches(),
  search({ top: true }),
  // Mod-Enter runs the tests, everywhere.
  keymap.of([...closeBracketsKeymap, ...withoutModEnter(defaultKeymap), ...searchKeymap, ...historyKeymap]),
  // Tab indents; Escape, then Tab, leaves the editor (CodeMirror's own way out), as the status line says.
  keymap.of([...completionKeymap, indentWithTab]),
  look,
];

function withoutModEnter(keys: typeof defaultKeymap): typeof defaultKeymap {
  return keys.filter(({ key }) => key !== "Mod-Enter");
}

/** The text as it is stored, with the line ends that it came with. Made only when asked for. */
function contentOf({ doc, lineBreak }: EditorState): Content {
  return lineBreak === "\n" ? doc : { toString: () => doc.sliceString(0, doc.length, lineBreak) };
}

function usesCrLf(text: string): boolean {
  return text.includes("\r\n") && !/(^|[^\r])\n/.test(text);
}

/** The one stretch in which two texts differ. */
export function difference(now: string, next: string): { from: number; to: number; insert: string } {
  const shorter = Math.min(now.length, next.length);
  let from = 0;
  while (from < shorter && now[from] === next[from]) from += 1;
  let tail = 0;
  while (tail < shorter - from && now[now.length - 1 - tail] === next[next.length - 1 - tail]) tail += 1;
  return { from, to: now.length - tail, insert: next.slice(from, next.length - tail) };
}
