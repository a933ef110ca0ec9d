// Finding text in what a terminal shows and kept. Loaded when someone first looks for something.
import { type ISearchDecorationOptions, SearchAddon } from "@xterm/addon-search";
import type { Terminal } from "@xterm/xterm";

/** Matches that are marked and counted; more are only said to be there. */
const MARKED_MATCHES = 1_000;

export interface Found {
  /** From 1; 0 when none is the current one. */
  at: number;
  count: number;
  /** There are more than are counted. */
  more: boolean;
}

export interface Colours {
  match: string;
  current: string;
  edge: string;
}

export class Search {
  private readonly addon = new SearchAddon({ highlightLimit: MARKED_MATCHES });

  constructor(terminal: Terminal, found: (found: Found) => void) {
    terminal.loadAddon(this.addon);
    this.addon.onDidChangeResults(({ resultIndex, resultCount }) =>
      found({ at: resultIndex + 1, count: resultCount, more: resultCount >= MARKED_MATCHES }),
    );
  }

  /** `grows`: the text is being typed; what is found may stay where it is. */
  find(text: string, way: "next" | "previous", colours: Colours, grows = false): void {
    if (text === "") return this.clear();
    const options = { incremental: grows, decorations: marksIn(colours) };
    if (way === "next") this.addon.findNext(text, options);
    else this.addon.findPrevious(text, options);
  }

  clear(): void {
    this.addon.clearDecorations();
  }
}

function marksIn({ match, current, edge }: Colours): ISearchDecorationOptions {
  return {
    matchBackground: match,
    matchOverviewRuler: match,
    activeMatchBackground: current,
    activeMatchBorder: edge,
    activeMatchColorOverviewRuler: current,
  };
}
