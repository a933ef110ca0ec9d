// CodeMirror behind a TextDocument: shows it, tells it what is typed, follows it when it is changed from elsewhere.
// Knows nothing of saving.
import { historyField } from "@codemirror/commands";
import { Annotation, Compartment, EditorState, type Extension } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import type { Content, TextDocument } from "../state/document";
import type { Helpers } from "../state/language-servers";
import { lineToShow, pointed } from "../state/looking-on";
import type { Place } from "../state/places";
import type { Settings } from "../state/settings";
import { words } from "../words/words";
import { Assistance } from "./assistance";
import { basics } from "./basics";
import { fetchFind } from "./finding";
import { INDENT_LOOKS_AT } from "./indent";
import { languageOf } from "./languages";
import { Preferences } from "./preferences";
import { savesWith } from "./save";

/** Marks a change that came from the document, not from the keyboard. */
const fromDocument = Annotation.define<true>();
const language = new Compartment();
const pointing = new Compartment();

/** Undo history, selection and scroll place of documents that are not shown just now. */
const putAway = new WeakMap<TextDocument, { state: EditorState; top: number; shown: Content }>();

export class Editor {
  private readonly view: EditorView;
  private readonly preferences = new Preferences();
  private readonly assistance: Assistance | null;
  /** A place was gone to: where the text stood before no longer matters. */
  private jumped = false;
  private readonly stopListening: () => void;
  private readonly stopAwaitingPointing: () => void;
  /** The document's content that the editor's text was last made equal to. */
  private shown: Content;

  constructor(
    host: HTMLElement,
    private readonly document: TextDocument,
    settings: Settings,
    helpers?: Helpers,
  ) {
    this.assistance = helpers ? new Assistance(helpers, document.path) : null;
    const { content } = document.view.get();
    const before = putAway.get(document);
    this.shown = content;
    // A state put away carries the listener of an editor that is gone: only its text and history are taken over.
    const text = content.toString();
    const extensions = this.extensions(text, settings);
    const state = before ? stateFrom(before.state, extensions) : EditorState.create({ doc: text, extensions });
    this.view = new EditorView({ parent: host, state });
    this.apply(settings);
    if (before) this.shown = before.shown;
    this.follow();
    if (before) requestAnimationFrame(() => this.jumped || this.view.scrollDOM.scrollTo({ top: before.top }));
    this.stopListening = document.view.subscribe(() => this.follow());
    this.stopAwaitingPointing = this.awaitPointing();
    void this.loadLanguage();
    this.assistance?.attach(this.view);
    requestAnimationFrame(() => void fetchFind(this.view));
  }

  apply(settings: Settings): void {
    this.preferences.apply(this.view, settings, { path: this.document.path, text: this.textStart() });
  }

  focus(): void {
    this.view.focus();
  }

  /** Puts the cursor there, in the middle of what is seen; beyond the text's end, at its end. */
  goTo({ line, column }: Pick<Place, "line" | "column">): void {
    const { doc } = this.view.state;
    const { from, to } = doc.line(Math.min(line, doc.lines));
    const anchor = Math.min(from + (column ?? 1) - 1, to);
    this.jumped = true;
    this.view.dispatch({ selection: { anchor }, effects: EditorView.scrollIntoView(anchor, { y: "center" }) });
    this.view.focus();
  }

  dispose(): void {
    this.stopListening();
    this.stopAwaitingPointing();
    this.assistance?.dispose();
    putAway.set(this.document, { state: this.view.state, top: this.view.scrollDOM.scrollTop, shown: this.shown });
    this.view.destroy();
  }

  /** Enough of the text to see how it is indented. */
  private textStart(): string {
    return this.view.state.doc.sliceString(0, INDENT_LOOKS_AT);
  }

  private extensions(text: string, settings: Settings): Extension[] {
    const { path, role } = this.document;
    const readOnly = role !== "editable";
    return [
      this.preferences.first(),
      this.preferences.extensions(settings, { path, text }),
      this.assistance?.extension() ?? [],
      basics,
      savesWith(() => void this.document.flush()),
      EditorState.phrases.of(words.codemirror),
      language.of([]),
      pointing.of([]),
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

  /** Rarely does anybody point at a line: what marks them is fetched when the first one does. */
  private awaitPointing(): () => void {
    const stops: (() => void)[] = [];
    const stop = () => {
      for (const one of stops.splice(0)) one();
    };
    const look = () => {
      if (pointed.get().length === 0 && !lineToShow.get()) return;
      stop();
      void import("./pointed").then(({ pointedLines }) =>
        this.view.dispatch({ effects: pointing.reconfigure(pointedLines(this.document.path)) }),
      );
    };
    stops.push(pointed.subscribe(look), lineToShow.subscribe(look));
    look();
    return stop;
  }

  private async loadLanguage(): Promise<void> {
    const extension = await languageOf(this.document.path, this.view.state.doc.line(1).text);
    this.view.dispatch({ effects: language.reconfigure(extension) });
  }
}

function stateFrom(state: EditorState, extensions: Extension): EditorState {
  const fields = { history: historyField };
  return EditorState.fromJSON(state.toJSON(fields), { extensions }, fields);
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
