// Between an editor and the language server for its file: wants one when somebody types or asks how to go on, and fits the
// editor out while one runs. Knows no protocol; the client that does is fetched when there is something to speak to.
import { Compartment, type Extension, Prec } from "@codemirror/state";
import { EditorView, keymap } from "@codemirror/view";
import { type Helpers, type Language, type Line, serverLanguageOf } from "../state/language-servers";

export class Assistance {
  private readonly place = new Compartment();
  private readonly language: Language | null;
  private readonly stopListening: () => void;
  private line: Line | null = null;
  private view: EditorView | null = null;

  constructor(
    private readonly helpers: Helpers,
    private readonly path: string,
  ) {
    this.language = serverLanguageOf(path);
    this.stopListening = helpers.servers.view.subscribe(() => this.follow());
  }

  extension(): Extension {
    const { language } = this;
    if (!language) return [];
    const wanted = () => this.helpers.servers.wanted(language);
    // Wanted, and then completed as ever.
    const asked = () => {
      wanted();
      return false;
    };
    return [
      this.place.of([]),
      EditorView.updateListener.of(update => {
        if (update.transactions.some(change => change.isUserEvent("input") || change.isUserEvent("delete"))) wanted();
      }),
      Prec.highest(keymap.of([{ key: "Ctrl-Space", run: asked }])),
    ];
  }

  attach(view: EditorView): void {
    this.view = view;
    this.follow();
  }

  dispose(): void {
    this.stopListening();
    this.view = null;
  }

  private follow(): void {
    if (!this.language || !this.view) return;
    const server = this.helpers.servers.of(this.language);
    const line = server.type === "running" ? server.line : null;
    if (line === this.line) return;
    this.line = line;
    if (line) void this.fit(line, this.language);
    else this.put([]);
  }

  private async fit(line: Line, language: Language): Promise<void> {
    // Not to be had just now: the editor does without.
    const client = await import("../language-client/client").catch(() => null);
    // Gone again, or another one, while the client was fetched.
    if (client && this.line === line) this.put(client.assistance(line, language, this.path, this.helpers.show));
  }

  private put(extension: Extension): void {
    this.view?.dispatch({ effects: this.place.reconfigure(extension) });
  }
}
