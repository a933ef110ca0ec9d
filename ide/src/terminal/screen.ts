// xterm.js behind our Screen: the only file that knows it. Shows hostile bytes, so everything in it that reaches out of
// the screen is off or asks first: no window operations, no clipboard writes (OSC 52 has no handler here), no title, links
// ask, and what programs ask the terminal is answered only within bounds (answers.ts).
import { FitAddon } from "@xterm/addon-fit";
import { WebLinksAddon } from "@xterm/addon-web-links";
import { type ITheme, Terminal } from "@xterm/xterm";
import "@xterm/xterm/css/xterm.css";
import type { TerminalSize } from "../protocol/generated";
import type { Settings } from "../state/settings";
import type { Screen } from "../state/terminals";
import { guardAnswers } from "./answers";
import { type Action, actionOf, isOfPage, LEAVE_KEY, type TouchKey, touched } from "./keys";
import type { Found, Search } from "./search";
import type { Widths } from "./widths";

/** Lines that can be scrolled back to: a few long test runs. */
const SCROLLBACK_LINES = 5_000;
const CODE_FONT = '"Atkinson Hyperlegible Mono", ui-monospace, monospace';
/** Contrast that colours are brought up to whatever a program picks: not at all, AA for text, AAA. */
const MINIMUM_CONTRAST = { none: 1, readable: 4.5, high: 7 };

/** Leaves the alternate screen and a colour scheme, then resets modes (DECSTR), character sets, the mouse and the focus. */
const PUT_RIGHT =
  "\x1b[?1049l\x1b]104\x07\x1b]110\x07\x1b]111\x07\x1b]112\x07\x1b[!p\x1b(B\x0f\x1b[?1000;1002;1003;1004;1006;2004l\x1b[?25h";

export interface ScreenEvents {
  typed(bytes: Uint8Array): void;
  /** `bracketed`: what runs tells a paste from typing. Nothing is typed unless `paste` is called. */
  pasted(text: string, bracketed: boolean): void;
  link(address: string): void;
  /** A key that is not for the program. */
  pressed(action: Exclude<Action, "copy">): void;
  /** Whether a person works with this terminal here; only then are programs answered. */
  present(): boolean;
}

export class XtermScreen implements Screen {
  private readonly terminal: Terminal;
  private readonly fitting = new FitAddon();
  private readonly encoder = new TextEncoder();
  private readonly disposing = new AbortController();
  private search: Search | null = null;
  /** How often something was looked for. */
  private finds = 0;

  constructor(
    private readonly host: HTMLElement,
    settings: Settings,
    widths: Widths | null,
    private readonly events: ScreenEvents,
  ) {
    const ask = (event: MouseEvent, address: string) => {
      event.preventDefault();
      events.link(address);
    };
    this.terminal = new Terminal({
      ...optionsFor(settings),
      fontFamily: CODE_FONT,
      scrollback: SCROLLBACK_LINES,
      cursorBlink: !matchMedia("(prefers-reduced-motion: reduce)").matches,
      linkHandler: { activate: ask },
      macOptionClickForcesSelection: true,
      theme: themeOf(host),
      // Character widths and marked search results are behind this.
      allowProposedApi: true,
    });
    this.terminal.loadAddon(this.fitting);
    this.terminal.loadAddon(new WebLinksAddon(ask));
    widths?.(this.terminal);
    guardAnswers(this.terminal, events.present);
    this.terminal.onData(text => events.typed(this.encoder.encode(text)));
    this.terminal.onBinary(text => events.typed(Uint8Array.from(text, char => char.charCodeAt(0))));
    this.terminal.attachCustomKeyEventHandler(event => this.isForProgram(event));
    this.terminal.open(host);
    this.terminal.textarea?.setAttribute("aria-keyshortcuts", LEAVE_KEY);
    // Before xterm.js sees it, which would type it as it is.
    const { signal } = this.disposing;
    host.addEventListener("paste", event => this.pasted(event), { capture: true, signal });
  }

  write(bytes: Uint8Array, done: () => void): void {
    this.terminal.write(bytes, done);
  }

  restart(line: string, done: () => void): void {
    // A reset in the stream (RIS), not `reset()`: it has to come after what is still waiting to be drawn.
    this.terminal.write(`\x1bc\x1b[3m${line}\x1b[0m\r\n`, done);
  }

  putRight(): void {
    this.terminal.write(PUT_RIGHT);
  }

  setSize({ columns, rows }: TerminalSize): void {
    this.terminal.resize(columns, rows);
  }

  /** Fills the host; the size it came to, or null when the host is not shown. */
  fit(): TerminalSize | null {
    const size = this.fitting.proposeDimensions();
    if (!size || Number.isNaN(size.cols) || Number.isNaN(size.rows)) return null;
    this.terminal.resize(size.cols, size.rows);
    return { columns: size.cols, rows: size.rows };
  }

  apply(settings: Settings, host: HTMLElement): void {
    Object.assign(this.terminal.options, optionsFor(settings));
    this.terminal.options.theme = themeOf(host);
  }

  focus(): void {
    this.terminal.focus();
  }

  /** As if typed; line ends become Enter, and a program that tells pastes from typing is told. */
  paste(text: string): void {
    this.terminal.paste(text);
  }

  /** A key of the row under the terminal. */
  touch(key: TouchKey): void {
    this.terminal.input(touched(key, this.terminal.modes.applicationCursorKeysMode));
  }

  /** Looks for `text` and says what it found, now and whenever that changes. */
  async find(text: string, way: "next" | "previous", grows: boolean, found: (found: Found) => void): Promise<void> {
    this.finds += 1;
    const mine = this.finds;
    if (!this.search) {
      const { Search } = await import("./search");
      this.search ??= new Search(this.terminal, found);
    }
    // Typed on while it was fetched: what was looked for then is not what is looked for now.
    if (mine !== this.finds) return;
    const token = tokensOf(this.host);
    const colours = { match: token("amber-soft"), current: token("selection"), edge: token("accent") };
    this.search.find(text, way, colours, grows);
  }

  endFind(): void {
    this.finds += 1;
    this.search?.clear();
    this.terminal.clearSelection();
  }

  dispose(): void {
    this.disposing.abort();
    this.terminal.dispose();
  }

  private pasted(event: ClipboardEvent): void {
    event.preventDefault();
    event.stopPropagation();
    const text = event.clipboardData?.getData("text/plain");
    if (text) this.events.pasted(text, this.terminal.modes.bracketedPasteMode);
  }

  /** False keeps a key from the program; what is ours is done here. */
  private isForProgram(event: KeyboardEvent): boolean {
    if (isOfPage(event)) return false;
    const action = actionOf(event);
    if (action === null) return true;
    // The browser has uses of its own for some of them.
    event.preventDefault();
    if (event.type === "keydown") {
      if (action === "copy") this.copy();
      else this.events.pressed(action);
    }
    return false;
  }

  private copy(): void {
    const text = this.terminal.getSelection();
    if (!text) return;
    // Only pages from a safe origin have the first; the second makes xterm.js put its selection there.
    if (navigator.clipboard) navigator.clipboard.writeText(text).catch(() => document.execCommand("copy"));
    else document.execCommand("copy");
  }
}

function optionsFor({ codeSize, screenReader, minimumContrast }: Settings) {
  const minimumContrastRatio = MINIMUM_CONTRAST[minimumContrast];
  return { fontSize: codeSize, lineHeight: 1.2, screenReaderMode: screenReader, minimumContrastRatio };
}

const COLOURS = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"] as const;

function tokensOf(host: HTMLElement): (name: string) => string {
  const styles = getComputedStyle(host);
  return name => styles.getPropertyValue(`--${name}`).trim();
}

function themeOf(host: HTMLElement): ITheme {
  const token = tokensOf(host);
  const theme: ITheme = {
    background: token("raised"),
    foreground: token("ink"),
    cursor: token("accent"),
    cursorAccent: token("raised"),
    selectionBackground: token("selection"),
  };
  for (const colour of COLOURS) {
    theme[colour] = token(`term-${colour}`);
    theme[`bright${colour.charAt(0).toUpperCase()}${colour.slice(1)}` as keyof ITheme & `bright${string}`] = token(
      `term-${colour}`,
    );
  }
  theme.brightBlack = token("muted");
  return theme;
}

/** Resolves once the code font can be measured; a terminal opened earlier would have the wrong cell size. */
export async function codeFont(): Promise<void> {
  await document.fonts.load(`14px ${CODE_FONT}`).catch(() => {});
}
