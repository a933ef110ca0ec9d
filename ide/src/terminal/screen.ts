// xterm.js behind our Screen: the only file that knows it. Shows hostile bytes, so everything in it that reaches out of
// the screen is off or asks first: no window operations, no clipboard writes (OSC 52 has no handler here), links ask.
import { FitAddon } from "@xterm/addon-fit";
import { WebLinksAddon } from "@xterm/addon-web-links";
import { type ITheme, Terminal } from "@xterm/xterm";
import "@xterm/xterm/css/xterm.css";
import type { TerminalSize } from "../protocol/generated";
import type { Settings } from "../state/settings";
import type { Screen } from "../state/terminals";

/** Lines that can be scrolled back to: a few long test runs. */
const SCROLLBACK_LINES = 5_000;
const CODE_FONT = '"Atkinson Hyperlegible Mono", ui-monospace, monospace';
/** AA for text, whatever colours a program picks. */
const MINIMUM_CONTRAST = 4.5;

export interface ScreenEvents {
  typed(bytes: Uint8Array): void;
  link(address: string): void;
  /** The key that leaves the terminal was pressed. */
  leave(): void;
}

export class XtermScreen implements Screen {
  private readonly terminal: Terminal;
  private readonly fitting = new FitAddon();
  private readonly encoder = new TextEncoder();

  constructor(host: HTMLElement, settings: Settings, events: ScreenEvents) {
    const ask = (event: MouseEvent, address: string) => {
      event.preventDefault();
      events.link(address);
    };
    this.terminal = new Terminal({
      ...optionsFor(settings),
      fontFamily: CODE_FONT,
      scrollback: SCROLLBACK_LINES,
      minimumContrastRatio: MINIMUM_CONTRAST,
      cursorBlink: !matchMedia("(prefers-reduced-motion: reduce)").matches,
      linkHandler: { activate: ask },
      theme: themeOf(host),
    });
    this.terminal.loadAddon(this.fitting);
    this.terminal.loadAddon(new WebLinksAddon(ask));
    this.terminal.onData(text => events.typed(this.encoder.encode(text)));
    this.terminal.onBinary(text => events.typed(Uint8Array.from(text, char => char.charCodeAt(0))));
    this.terminal.attachCustomKeyEventHandler(event => {
      if (isLeave(event)) {
        event.preventDefault();
        events.leave();
      }
      return isForProgram(event);
    });
    this.terminal.open(host);
    this.terminal.textarea?.setAttribute("aria-keyshortcuts", LEAVE_KEY);
  }

  write(bytes: Uint8Array, done: () => void): void {
    this.terminal.write(bytes, done);
  }

  restart(line: string, done: () => void): void {
    // A reset in the stream (RIS), not `reset()`: it has to come after what is still waiting to be drawn.
    this.terminal.write(`\x1bc\x1b[2;3m${line}\x1b[0m\r\n`, done);
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

  dispose(): void {
    this.terminal.dispose();
  }
}

function optionsFor({ codeSize, screenReader }: Settings) {
  return { fontSize: codeSize, lineHeight: 1.2, screenReaderMode: screenReader };
}

/** Programs get Tab and Escape, so another key has to lead out. With a modifier it goes to the program. */
const LEAVE_KEY = "F6";

function isLeave({ type, key, ctrlKey, metaKey, altKey, shiftKey }: KeyboardEvent): boolean {
  return type === "keydown" && key === LEAVE_KEY && !(ctrlKey || metaKey || altKey || shiftKey);
}

/** All keys but those of the page: running the tests, and leaving the terminal. */
function isForProgram(event: KeyboardEvent): boolean {
  return !isLeave(event) && !(event.key === "Enter" && (event.ctrlKey || event.metaKey));
}

const COLOURS = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"] as const;

function themeOf(host: HTMLElement): ITheme {
  const styles = getComputedStyle(host);
  const token = (name: string) => styles.getPropertyValue(`--${name}`).trim();
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
