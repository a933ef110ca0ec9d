// The editor's colours, all from the page's tokens, so that themes switch without touching the editor.
import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { EditorView } from "@codemirror/view";
import { tags } from "@lezer/highlight";

const frame = EditorView.theme({
  "&": { height: "100%", color: "var(--ink)", backgroundColor: "var(--raised)", fontSize: "var(--code-size)" },
  ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "1.5" },
  ".cm-content": { padding: "8px 0", caretColor: "var(--accent)" },
  ".cm-gutters": { color: "var(--muted)", backgroundColor: "var(--raised)", border: "none", paddingLeft: "4px" },
  ".cm-activeLine": { backgroundColor: "var(--line-now)" },
  ".cm-activeLineGutter": { backgroundColor: "transparent", color: "var(--ink)" },
  ".cm-cursor, .cm-dropCursor": { borderLeftColor: "var(--accent)", borderLeftWidth: "2px" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": {
    backgroundColor: "var(--selection)",
  },
  "&.cm-focused": { outline: "none" },
  ".cm-matchingBracket, &.cm-focused .cm-matchingBracket": {
    backgroundColor: "transparent",
    outline: "1px solid var(--muted)",
  },
  ".cm-selectionMatch": { backgroundColor: "var(--line-now)", outline: "1px solid var(--hairline)" },
  ".cm-searchMatch": { backgroundColor: "var(--amber-soft)", outline: "1px solid var(--amber)" },
  ".cm-searchMatch-selected": { backgroundColor: "var(--selection)", outline: "2px solid var(--accent)" },
  ".cm-foldGutter span": { color: "var(--muted)", cursor: "pointer" },
  ".cm-foldPlaceholder": {
    margin: "0 4px",
    padding: "0 6px",
    color: "var(--muted)",
    backgroundColor: "var(--hover)",
    border: "1px solid var(--hairline)",
  },
  ".cm-panels": { backgroundColor: "var(--paper)", color: "var(--ink)", borderColor: "var(--hairline)" },
  ".cm-panels-top": { borderBottom: "1px solid var(--hairline)" },
  ".cm-panels-bottom": { borderTop: "1px solid var(--hairline)" },
  ".cm-panel.cm-search, .cm-panel.cm-dialog": {
    padding: "8px 40px 8px 12px",
    fontFamily: "var(--sans)",
    fontSize: "13px",
    lineHeight: "20px",
  },
  ".cm-panel.cm-search input, .cm-panel.cm-search button, .cm-panel.cm-search label": {
    margin: "2px 8px 2px 0",
    verticalAlign: "middle",
  },
  ".cm-panel.cm-search label, .cm-panel.cm-dialog label": {
    display: "inline-flex",
    alignItems: "center",
    gap: "6px",
    fontSize: "13px",
    minHeight: "24px",
  },
  ".cm-panel.cm-search input[type=checkbox]": {
    width: "16px",
    height: "16px",
    minHeight: "0",
    margin: "0",
    accentColor: "var(--accent)",
  },
  ".cm-panel.cm-dialog form": { display: "flex", alignItems: "center", gap: "8px" },
  ".cm-panels .cm-textfield": {
    width: "220px",
    maxWidth: "100%",
    minHeight: "28px",
    padding: "0 8px",
    font: "13px/20px var(--mono)",
    color: "var(--ink)",
    backgroundColor: "var(--raised)",
    border: "1px solid var(--edge)",
    borderRadius: "6px",
  },
  ".cm-panels .cm-button": {
    minHeight: "28px",
    padding: "0 10px",
    font: "500 13px/20px var(--sans)",
    color: "var(--ink)",
    backgroundImage: "none",
    backgroundColor: "var(--raised)",
    border: "1px solid var(--edge)",
    borderRadius: "6px",
  },
  ".cm-panel.cm-search [name=close], .cm-panel .cm-dialog-close": {
    position: "absolute",
    top: "8px",
    right: "8px",
    width: "28px",
    minHeight: "28px",
    justifyContent: "center",
    fontSize: "18px",
    color: "var(--muted)",
    border: "none",
    background: "none",
    cursor: "pointer",
  },
  ".cm-tooltip": {
    backgroundColor: "var(--raised)",
    color: "var(--ink)",
    border: "1px solid var(--hairline)",
    borderRadius: "6px",
  },
  ".cm-tooltip-autocomplete ul li[aria-selected]": { backgroundColor: "var(--accent)", color: "var(--on-accent)" },
});

const colours = HighlightStyle.define([
  { tag: [tags.keyword, tags.operatorKeyword, tags.modifier], color: "var(--code-keyword)" },
  { tag: [tags.string, tags.special(tags.string), tags.regexp], color: "var(--code-string)" },
  { tag: [tags.number, tags.bool, tags.null, tags.atom], color: "var(--code-number)" },
  { tag: [tags.comment, tags.meta], color: "var(--muted)", fontStyle: "italic" },
  { tag: [tags.function(tags.variableName), tags.function(tags.propertyName)], color: "var(--code-function)" },
  { tag: [tags.definition(tags.variableName), tags.typeName, tags.className], color: "var(--code-name)" },
  { tag: [tags.standard(tags.name), tags.special(tags.variableName)], color: "var(--code-function)" },
  { tag: tags.heading, fontWeight: "650" },
  { tag: tags.strong, fontWeight: "650" },
  { tag: tags.emphasis, fontStyle: "italic" },
  { tag: [tags.link, tags.url], color: "var(--accent)", textDecoration: "underline" },
  { tag: tags.invalid, textDecoration: "wavy underline var(--red)" },
]);

export const look = [frame, syntaxHighlighting(colours)];
