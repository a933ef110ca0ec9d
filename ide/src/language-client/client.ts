// What a running language server adds to editors: completion, documentation, parameters, problems, definitions. The only
// file that knows CodeMirror's client for it. Loaded lazily, with the first server that runs.
import {
  formatKeymap,
  hoverTooltips,
  jumpToDefinitionKeymap,
  LSPClient,
  type LSPClientExtension,
  serverCompletion,
  serverDiagnostics,
  signatureHelp,
} from "@codemirror/lsp-client";
import type { Extension } from "@codemirror/state";
import { keymap } from "@codemirror/view";
import type { Language, Line } from "../state/language-servers";
import { OpenFiles } from "./open-files";
import { problems } from "./problems";
import { safeHtml } from "./safe-html";

/** Where lessons are in their containers. */
const ROOT = "file:///home/learner/work/";
/** The first answer of a server that is still starting, on a busy machine. */
const ANSWER_WITHIN_MS = 20_000;

/** As the Language Server Protocol names them. */
const LANGUAGE_IDS: Record<Language, string> = {
  python: "python",
  c: "c",
  bash: "shellscript",
  javascript: "javascript",
  sql: "sql",
};

/** Plain names, no templates with holes for the parameters: those are for people who know them. */
const plainText: LSPClientExtension = {
  clientCapabilities: { textDocument: { completion: { completionItem: { snippetSupport: false } } } },
};

/** What servers have to say to people is not about the learner's code: it is not shown. */
const quiet = Object.fromEntries(["window/showMessage", "window/logMessage"].map(method => [method, () => true]));

const clients = new WeakMap<Line, LSPClient>();

/** For the editor of the file at `path`, while the server on `line` runs. */
export function assistance(line: Line, language: Language, path: string, show: (path: string) => boolean): Extension {
  const client = clients.get(line) ?? connect(line, show);
  clients.set(line, client);
  return [client.plugin(uriOf(path), LANGUAGE_IDS[language]), problems];
}

function connect(line: Line, show: (path: string) => boolean): LSPClient {
  const showUri = (uri: string) => {
    const path = pathOf(uri);
    return path !== null && show(path);
  };
  const client = new LSPClient({
    rootUri: ROOT.slice(0, -1),
    timeout: ANSWER_WITHIN_MS,
    workspace: client => new OpenFiles(client, showUri),
    sanitizeHTML: safeHtml,
    notificationHandlers: quiet,
    extensions: [
      plainText,
      serverDiagnostics(),
      serverCompletion({ override: true }),
      hoverTooltips(),
      signatureHelp(),
      keymap.of([...jumpToDefinitionKeymap, ...formatKeymap]),
    ],
  });
  return client.connect(line);
}

export function uriOf(path: string): string {
  return ROOT + path.split("/").map(encodeURIComponent).join("/");
}

/** Null for what is not in the workspace: a library's source, say. */
export function pathOf(uri: string): string | null {
  if (!uri.startsWith(ROOT)) return null;
  try {
    return decodeURIComponent(uri.slice(ROOT.length));
  } catch {
    return null;
  }
}
