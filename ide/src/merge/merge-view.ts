// CodeMirror's merge view: two texts side by side where there is room, one with marks where there is not. The only file
// that knows @codemirror/merge. Knows neither files nor saving.
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { MergeView, unifiedMergeView } from "@codemirror/merge";
import { EditorState, type Extension } from "@codemirror/state";
import { EditorView, keymap, lineNumbers } from "@codemirror/view";
import { languageOf } from "../editor/languages";
import { look } from "../editor/look";
import { words } from "../words/words";

export interface Side {
  text: string;
  /** Read out as the name of the text. */
  name: string;
}

export interface TwoTexts {
  path: string;
  left: Side;
  right: Side;
  /** The right one may be edited, and is told of here; absent: both are only to be read. */
  edited?: (text: string) => void;
}

/** Unchanged lines beyond this many around a difference are folded away. */
const CONTEXT_LINES = 3;
const FOLD_FROM_LINES = 6;

/** Comparing costs time that grows with the number of differences; beyond these bounds it gets coarser, not slower. */
const DIFF = { scanLimit: 2_000, timeout: 500 };

export interface ShownMerge {
  focus(): void;
  dispose(): void;
}

export async function showMerge(host: HTMLElement, texts: TwoTexts, wide: boolean): Promise<ShownMerge> {
  const language = await languageOf(texts.path, texts.left.text.split("\n", 1)[0] ?? "");
  return wide ? sideBySide(host, texts, language) : unified(host, texts, language);
}

function sideBySide(host: HTMLElement, { left, right, edited }: TwoTexts, language: Extension): ShownMerge {
  const merge = new MergeView({
    parent: host,
    a: { doc: left.text, extensions: [common(left.name, language), readOnly] },
    b: {
      doc: right.text,
      extensions: [common(right.name, language), edited ? editable(edited, right.text) : readOnly],
    },
    collapseUnchanged: { margin: CONTEXT_LINES, minSize: FOLD_FROM_LINES },
    diffConfig: DIFF,
    ...(edited ? { revertControls: "a-to-b" as const, renderRevertControl: takeOver } : {}),
  });
  return { focus: () => merge.b.focus(), dispose: () => merge.destroy() };
}

function unified(host: HTMLElement, { left, right, edited }: TwoTexts, language: Extension): ShownMerge {
  const view = new EditorView({
    parent: host,
    doc: right.text,
    extensions: [
      common(right.name, language),
      edited ? editable(edited, right.text) : readOnly,
      unifiedMergeView({
        original: left.text,
        mergeControls: edited !== undefined,
        collapseUnchanged: { margin: CONTEXT_LINES, minSize: FOLD_FROM_LINES },
        diffConfig: DIFF,
      }),
    ],
  });
  return { focus: () => view.focus(), dispose: () => view.destroy() };
}

function common(name: string, language: Extension): Extension {
  return [
    lineNumbers(),
    EditorView.lineWrapping,
    look,
    language,
    EditorState.phrases.of(words.codemirror),
    EditorView.contentAttributes.of({ "aria-label": name, tabindex: "0" }),
  ];
}

const readOnly: Extension = [
  EditorState.readOnly.of(true),
  EditorView.editable.of(false),
  EditorView.contentAttributes.of({ role: "textbox", "aria-readonly": "true", "aria-multiline": "true" }),
];

/** Tab leaves: this stands in a dialog, and there is nothing to write at length. Line ends stay what they were. */
function editable(edited: (text: string) => void, before: string): Extension {
  const lineBreak = before.includes("\r\n") ? "\r\n" : "\n";
  return [
    history(),
    keymap.of([...defaultKeymap.filter(({ key }) => key !== "Mod-Enter"), ...historyKeymap]),
    EditorView.updateListener.of(update => {
      if (update.docChanged) edited(update.state.doc.sliceString(0, undefined, lineBreak));
    }),
  ];
}

function takeOver(): HTMLElement {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "take-over";
  button.textContent = "→";
  button.title = words.durability.takeOver;
  button.setAttribute("aria-label", words.durability.takeOver);
  return button;
}
