// The files that a language server is told of: those with an editor, which is the one in front. Keeps the server's copy in
// step with the editor, whoever changed it – keys, another tab, a program.

import { type LSPClient, LSPPlugin, Workspace, type WorkspaceFile } from "@codemirror/lsp-client";
import type { Text } from "@codemirror/state";
import type { EditorView } from "@codemirror/view";

/** A file that is to be shown is read from the API first. */
const SHOWN_WITHIN_MS = 5_000;

class OpenFile implements WorkspaceFile {
  version = 0;

  constructor(
    readonly uri: string,
    readonly languageId: string,
    public doc: Text,
    readonly view: EditorView,
  ) {}

  getView(): EditorView {
    return this.view;
  }
}

export class OpenFiles extends Workspace {
  files: OpenFile[] = [];
  /** Those who wait for a file to be shown. */
  private readonly awaited = new Map<string, (view: EditorView) => void>();

  constructor(
    client: LSPClient,
    /** Puts a file of the workspace in front; false for one that is not in it. */
    private readonly show: (uri: string) => boolean,
  ) {
    super(client);
  }

  syncFiles() {
    return this.files.flatMap(file => {
      const plugin = LSPPlugin.get(file.view);
      if (!plugin || plugin.unsyncedChanges.empty) return [];
      const update = { file, prevDoc: file.doc, changes: plugin.unsyncedChanges };
      file.doc = file.view.state.doc;
      file.version += 1;
      plugin.clear();
      return [update];
    });
  }

  openFile(uri: string, languageId: string, view: EditorView): void {
    // In two editors for a moment, while one takes the other's place.
    if (this.getFile(uri)) this.client.didClose(uri);
    this.files = this.files.filter(file => file.uri !== uri);
    const file = new OpenFile(uri, languageId, view.state.doc, view);
    this.files.push(file);
    this.client.didOpen(file);
    this.awaited.get(uri)?.(view);
  }

  closeFile(uri: string, view: EditorView): void {
    if (!this.files.some(file => file.uri === uri && file.view === view)) return;
    this.files = this.files.filter(file => file.uri !== uri);
    this.client.didClose(uri);
  }

  override displayFile(uri: string): Promise<EditorView | null> {
    const shown = this.getFile(uri)?.getView();
    if (shown) return Promise.resolve(shown);
    return new Promise(resolve => {
      const done = (view: EditorView | null) => {
        clearTimeout(timer);
        this.awaited.delete(uri);
        // Its editor is being made just now, and takes no change before it is.
        setTimeout(() => resolve(view));
      };
      const timer = setTimeout(() => done(null), SHOWN_WITHIN_MS);
      this.awaited.set(uri, done);
      if (!this.show(uri)) done(null);
    });
  }
}
