// Find and replace: CodeMirror's own panel and keys. A chunk of its own; see finding.ts.
import { highlightSelectionMatches, openSearchPanel, search, searchKeymap } from "@codemirror/search";
import type { Extension } from "@codemirror/state";
import { keymap } from "@codemirror/view";

export { openSearchPanel };

export const find: Extension = [highlightSelectionMatches(), search({ top: true }), keymap.of(searchKeymap)];
