// Two texts side by side with what differs marked; one below the other where there is no room for two. Nothing in it can
// be changed. Loaded lazily with CodeMirror's merge view.
import { MergeView, unifiedMergeView } from "@codemirror/merge";
import { EditorState, type Extension } from "@codemirror/state";
import { EditorView, lineNumbers } from "@codemirror/view";
import { useEffect, useRef } from "react";
import { words } from "../words/words";
import { languageOf } from "./languages";
import { look } from "./look";
import "../styles/diff.css";

export interface DiffSide {
  /** Whose text it is, for the heading and for screen readers. */
  label: string;
  text: string;
}

interface Props {
  /** Names the language of both. */
  path: string;
  left: DiffSide;
  right: DiffSide;
}

/** Narrower than this, two columns of code cannot be read. */
const TWO_COLUMNS_PX = 720;
/** Equal stretches longer than this are folded, but for these lines around a change. */
const COLLAPSE = { margin: 4, minSize: 8 };

export default function DiffView({ path, left, right }: Props) {
  const host = useRef<HTMLDivElement>(null);

  useEffect(() => {
    if (!host.current) return;
    const place = host.current;
    let shown: { destroy(): void } | null = null;
    let leftAlready = false;
    void languageOf(path, left.text.split("\n", 1)[0] ?? "").then(language => {
      if (leftAlready) return;
      const wide = place.clientWidth >= TWO_COLUMNS_PX;
      shown = wide ? sideBySide(place, language, left, right) : oneBelowTheOther(place, language, left, right);
    });
    return () => {
      leftAlready = true;
      shown?.destroy();
    };
  }, [path, left.text, left.label, right.text, right.label, left, right]);

  return (
    <div className="diff">
      <div className="diff-labels" aria-hidden="true">
        <span>{left.label}</span>
        <span>{right.label}</span>
      </div>
      <div className="diff-host" ref={host} />
    </div>
  );
}

function sideBySide(parent: HTMLElement, language: Extension, left: DiffSide, right: DiffSide): MergeView {
  return new MergeView({
    parent,
    a: { doc: left.text, extensions: extensions(left.label, language) },
    b: { doc: right.text, extensions: extensions(right.label, language) },
    collapseUnchanged: COLLAPSE,
    gutter: true,
  });
}

function oneBelowTheOther(parent: HTMLElement, language: Extension, left: DiffSide, right: DiffSide): EditorView {
  const merge = unifiedMergeView({ original: left.text, mergeControls: false, collapseUnchanged: COLLAPSE });
  const both = `${left.label} – ${right.label}`;
  return new EditorView({ parent, doc: right.text, extensions: [extensions(both, language), merge] });
}

function extensions(label: string, language: Extension): Extension[] {
  return [
    lineNumbers(),
    language,
    look,
    EditorView.lineWrapping,
    EditorState.phrases.of(words.codemirror),
    EditorState.readOnly.of(true),
    EditorView.editable.of(false),
    // Long texts scroll; the keyboard has to reach them.
    EditorView.contentAttributes.of({ tabindex: "0", "aria-label": label, "aria-readonly": "true" }),
  ];
}
