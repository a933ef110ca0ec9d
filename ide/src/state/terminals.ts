// The terminals of one session: which there are, what flows between their screens and the socket. Knows screens only as
// something that draws bytes; xterm.js lives in src/terminal.

import { encodeFrame, type TerminalFrame } from "../protocol/frame";
import {
  type ExitStatus,
  MAX_TERMINALS,
  type SessionMessage,
  type TerminalInfo,
  type TerminalSize,
  type ViewerMessage,
} from "../protocol/generated";
import { words } from "../words/words";
import { InputBuffer } from "./input-buffer";
import { OutputCursor } from "./output-cursor";
import { Store } from "./store";

/** Draws one terminal. `done` is called when the bytes are on the screen: that is what flow control counts. */
export interface Screen {
  write(bytes: Uint8Array, done: () => void): void;
  /** Starts afresh with a line of ours, after all that was written before. */
  restart(line: string, done: () => void): void;
  /** Undoes what a program left behind: another screen, the mouse, colours. What was printed stays. */
  putRight(): void;
  /** Another browser tab decided the size. */
  setSize(size: TerminalSize): void;
}

export interface TerminalView {
  /** Its number, as people call it; another machine counts anew. */
  id: number;
  /** Unlike the id never used again, not even by another machine: what screens and tabs go by. */
  key: number;
  exited: ExitStatus | null;
  /** Its machine has stopped. What it showed can still be read. */
  gone: boolean;
}

export interface TerminalsView {
  list: TerminalView[];
  /** Key of the one in front. */
  selected: number | null;
  /** A terminal has been asked for and is not there yet. */
  opening: boolean;
  full: boolean;
  /** Key of the terminal that a person asked for just now: it gets the keyboard. */
  focus: number | null;
}

export interface Wire {
  /** Whether it went out. */
  say(message: ViewerMessage): boolean;
  sayBytes(frame: Uint8Array<ArrayBuffer>): boolean;
}

interface Terminal {
  id: number;
  key: number;
  exited: ExitStatus | null;
  size: TerminalSize;
  screen: Screen | null;
  output: OutputCursor;
  /**
   * Output before this is old news. What a screen answers to it (programs ask terminals for colours, positions) was
   * answered long ago, and would now be typed into whatever runs.
   */
  replayUntil: number;
  input: InputBuffer;
  /** Somebody has typed into it on this page. */
  typedInto: boolean;
  /** The far end has said from where it goes on; input may flow. */
  attached: boolean;
}

/**
 * The far end answers keys as soon as it has them, in milliseconds, and a phone between two cells is back within
 * seconds. After this a line is dead although nobody said so, and who types thinks that the program hangs.
 */
export const ANSWER_TO_INPUT_WITHIN_MS = 8_000;
const NONE: TerminalsView = { list: [], selected: null, opening: false, full: false, focus: null };
const DEFAULT_SIZE: TerminalSize = { columns: 80, rows: 24 };

export class Terminals {
  readonly view = new Store<TerminalsView>(NONE);
  /** Those of the machine that runs, by their ids there. */
  private readonly terminals = new Map<number, Terminal>();
  /** Those of machines that have stopped, oldest first: only to be read. */
  private past: Terminal[] = [];
  private size = DEFAULT_SIZE;
  private keys = 0;
  /** Whether the terminal on its way was asked for by a person, not opened by itself. */
  private pressed = false;
  /** Runs while keys that went out are unanswered. */
  private answerBy: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly wire: Wire,
    private readonly lineIsDead: () => void = () => {},
    /** Only looks on: takes the size that the terminal has, and asks for none. */
    readonly onlyLooks = false,
  ) {}

  // What people do.

  open = (): void => {
    this.pressed = true;
    this.ask();
  };

  close = (key: number): void => {
    const terminal = this.live(key);
    if (!terminal) return this.forgetPast(key);
    this.wire.say({ type: "close_terminal", terminal: terminal.id });
    this.forget(terminal.id);
  };

  select = (key: number): void => this.view.update(now => ({ ...now, selected: key, focus: null }));

  /** To the terminal `by` tabs further on, round and round, with the keyboard. */
  step(by: number): void {
    const { list, selected } = this.view.get();
    const at = list.findIndex(({ key }) => key === selected);
    const next = list.at((at + by) % list.length);
    if (next && next.key !== selected) this.view.update(now => ({ ...now, selected: next.key, focus: next.key }));
  }

  putRight(key: number): void {
    this.live(key)?.screen?.putRight();
  }

  /** Whether a person works with it on this page, rather than on another that shows it too. */
  isWorkedWith(key: number): boolean {
    return this.live(key)?.typedInto ?? false;
  }

  /** Keys and pastes. False when there is too much unconfirmed already. */
  type(key: number, bytes: Uint8Array): boolean {
    const terminal = this.live(key);
    if (!terminal || terminal.exited || terminal.output.drawnTo < terminal.replayUntil) return true;
    terminal.typedInto = true;
    const taken = terminal.input.push(bytes);
    this.sendInput(terminal);
    return taken;
  }

  resize(key: number, size: TerminalSize): void {
    this.size = size;
    const terminal = this.live(key);
    if (!terminal || sameSize(terminal.size, size)) return;
    terminal.size = size;
    this.wire.say({ type: "resize_terminal", terminal: terminal.id, size });
  }

  // Screens come and go: with the lazily loaded terminal chunk, with tabs.

  /** `screen` draws this terminal from now on, from the start of what is kept. */
  connectScreen(key: number, screen: Screen): () => void {
    const terminal = this.live(key);
    if (!terminal) return () => {};
    terminal.screen = screen;
    if (this.onlyLooks) screen.setSize(terminal.size);
    terminal.replayUntil = Math.max(terminal.replayUntil, terminal.output.resumeFrom);
    terminal.output = new OutputCursor();
    this.attach(terminal);
    return () => {
      if (terminal.screen !== screen) return;
      terminal.screen = null;
      // Only the screen still had its text.
      this.forgetPast(key);
    };
  }

  // What the socket says.

  listed(infos: TerminalInfo[]): void {
    const there = new Set(infos.map(info => info.terminal));
    for (const id of [...this.terminals.keys()]) if (!there.has(id)) this.terminals.delete(id);
    for (const info of infos) {
      const known = this.terminals.get(info.terminal);
      if (known && info.output_offset >= known.output.resumeFrom) this.attach(known);
      else this.remember(info.terminal, info.size, info.output_offset);
      const terminal = this.terminals.get(info.terminal);
      if (terminal) terminal.exited = info.exited;
    }
    this.draw({ opening: false });
    if (infos.length === 0) this.ask();
  }

  heard(message: SessionMessage, viewer: number): void {
    switch (message.type) {
      case "terminal_opened":
        return this.opened(message.terminal, message.size, message.viewer === viewer);
      case "terminal_attached":
        return this.attachedAt(message.terminal, message.offset, message.input_offset);
      case "input_received":
        return this.with(message.terminal, terminal => {
          this.stopAwaiting();
          terminal.input.received(message.offset);
          this.sendInput(terminal);
        });
      case "terminal_resized":
        return this.with(message.terminal, terminal => {
          if (sameSize(terminal.size, message.size)) return;
          terminal.size = message.size;
          terminal.screen?.setSize(message.size);
        });
      case "terminal_exited":
        return this.with(message.terminal, terminal => {
          terminal.exited = message.status;
          this.draw();
        });
      case "terminal_closed":
        return this.forget(message.terminal);
    }
  }

  output({ terminal: id, offset, payload }: TerminalFrame): void {
    const terminal = this.terminals.get(id);
    const screen = terminal?.screen;
    // Output that nobody can draw yet is not counted: its screen asks for it when it attaches. What was under way before
    // the answer to that comes again; taken now, it would look like a gap.
    if (!terminal || !screen || !terminal.attached) return;
    const cursor = terminal.output;
    const arrival = cursor.arrived(offset, payload);
    if (arrival.type === "repeat") return;
    if (arrival.type === "gap") {
      this.sayGap(terminal, screen, offset);
      return this.output({ flow: "output", viewer: 0, terminal: id, offset, payload });
    }
    screen.write(arrival.bytes, () => {
      const acknowledge = cursor.drewUpTo(arrival.end);
      // A screen replaced meanwhile has another cursor; this one's count is nobody's.
      if (acknowledge === null || terminal.output !== cursor) return;
      this.wire.say({ type: "acknowledge_output", terminal: id, offset: acknowledge });
    });
  }

  disconnected(): void {
    this.stopAwaiting();
    for (const terminal of this.terminals.values()) terminal.attached = false;
    this.draw({ opening: false });
  }

  /** A request was refused; if it was for a terminal, it may be asked again. */
  refused(): void {
    this.draw({ opening: false });
  }

  /** Their container is gone. What they showed stays to be read. */
  containerGone(): void {
    this.stopAwaiting();
    const shown = [...this.terminals.values()].filter(terminal => terminal.screen);
    this.past = [...this.past, ...shown].slice(-MAX_TERMINALS);
    this.terminals.clear();
    this.draw({ opening: false });
  }

  private ask(): void {
    if (this.view.get().opening || this.terminals.size >= MAX_TERMINALS) return;
    const opening = this.wire.say({ type: "open_terminal", size: this.size });
    this.view.update(now => ({ ...now, opening }));
  }

  private opened(id: number, size: TerminalSize, mine: boolean): void {
    this.remember(id, size);
    const key = this.terminals.get(id)?.key ?? null;
    const { selected, list } = this.view.get();
    const noneLive = !list.some(one => one.key === selected && !one.gone);
    if (!mine) return this.draw(noneLive ? { selected: key } : {});
    this.draw({ opening: false, selected: key, focus: this.pressed ? key : null });
    this.pressed = false;
  }

  private remember(id: number, size: TerminalSize, replayUntil = 0): void {
    const [output, input] = [new OutputCursor(), new InputBuffer()];
    this.keys += 1;
    const fresh = { exited: null, screen: null, attached: false, typedInto: false, key: this.keys };
    this.terminals.set(id, { id, size, output, input, replayUntil, ...fresh });
  }

  private attach(terminal: Terminal): void {
    if (!terminal.screen) return;
    terminal.attached = false;
    const from_offset = terminal.output.resumeFrom;
    this.wire.say({ type: "attach_terminal", terminal: terminal.id, from_offset });
  }

  private attachedAt(id: number, offset: number, inputOffset: number): void {
    this.with(id, terminal => {
      if (!terminal.screen) return;
      if (terminal.output.attachedAt(offset)) this.sayGap(terminal, terminal.screen, offset);
      // Only the first answer after a connection moves input back; a later one states a gap in the output.
      if (!terminal.attached) terminal.input.resumeFrom(inputOffset);
      terminal.attached = true;
      this.sendInput(terminal);
    });
  }

  private sayGap(terminal: Terminal, screen: Screen, offset: number): void {
    const cursor = terminal.output;
    screen.restart(words.terminal.gap, () => {
      // What was under way when the gap opened is drawn too, but counts for no offset any more: say that there is room.
      if (terminal.output !== cursor) return;
      this.wire.say({ type: "acknowledge_output", terminal: terminal.id, offset });
    });
  }

  private sendInput(terminal: Terminal): void {
    if (!terminal.attached || terminal.exited) return;
    for (const { offset, payload } of terminal.input.take()) {
      this.wire.sayBytes(encodeFrame({ flow: "input", viewer: 0, terminal: terminal.id, offset, payload }));
    }
    this.awaitAnswer();
  }

  private awaitAnswer(): void {
    if (this.answerBy !== undefined || !this.awaitsAnswer()) return;
    this.answerBy = setTimeout(() => {
      this.stopAwaiting();
      // Closed or exited meanwhile, a terminal answers no more.
      if (this.awaitsAnswer()) this.lineIsDead();
    }, ANSWER_TO_INPUT_WITHIN_MS);
  }

  private stopAwaiting(): void {
    clearTimeout(this.answerBy);
    this.answerBy = undefined;
  }

  private awaitsAnswer(): boolean {
    return [...this.terminals.values()].some(
      ({ attached, exited, input }) => attached && !exited && input.hasUnanswered,
    );
  }

  private live(key: number): Terminal | undefined {
    return [...this.terminals.values()].find(terminal => terminal.key === key);
  }

  private forgetPast(key: number): void {
    if (!this.past.some(terminal => terminal.key === key)) return;
    this.past = this.past.filter(terminal => terminal.key !== key);
    this.draw();
  }

  private forget(id: number): void {
    this.terminals.delete(id);
    this.draw();
  }

  private with(id: number, act: (terminal: Terminal) => void): void {
    const terminal = this.terminals.get(id);
    if (terminal) act(terminal);
  }

  private draw(change: Partial<TerminalsView> = {}): void {
    const shown =
      (gone: boolean) =>
      ({ id, key, exited }: Terminal) => ({ id, key, exited, gone });
    const live = [...this.terminals.values()].sort((a, b) => a.id - b.id).map(shown(false));
    const list = [...this.past.map(shown(true)), ...live];
    const wanted = change.selected ?? this.view.get().selected;
    const fallback = live.findLast(({ exited }) => !exited) ?? list.at(-1);
    const selected = list.some(({ key }) => key === wanted) ? wanted : (fallback?.key ?? null);
    const full = live.length >= MAX_TERMINALS;
    this.view.update(now => ({ ...now, ...change, list, selected, full }));
  }
}

function sameSize(one: TerminalSize, other: TerminalSize): boolean {
  return one.columns === other.columns && one.rows === other.rows;
}
