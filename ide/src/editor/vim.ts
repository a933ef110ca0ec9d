// Vim keys, a chunk of its own: most people never fetch it.
import type { Extension } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { Vim, vim } from "@replit/codemirror-vim";
import { saveNow } from "./save";

// Everything saves itself; who types :w wants to see that it did.
Vim.defineEx("write", "w", (editor: { cm6: EditorView }) => saveNow(editor.cm6));

const look = EditorView.theme({
  ".cm-vim-panel": { padding: "2px 12px", fontFamily: "var(--mono)", fontSize: "13px", minHeight: "24px" },
  ".cm-vim-panel input": { color: "var(--ink)", minHeight: "20px", font: "inherit" },
  // Its own colours are marked important.
  "&.cm-focused .cm-fat-cursor": { background: "var(--accent) !important", color: "var(--on-accent) !important" },
  "&:not(.cm-focused) .cm-fat-cursor": { background: "none", outline: "1px solid var(--accent) !important" },
});

export function vimKeys(): Extension {
  return [vim({ status: true }), look];
}
