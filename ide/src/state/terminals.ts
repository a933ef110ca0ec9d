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
  id: number;
  /** Unlike the id never used again, not even by another host. */
  key: number;
  exited: ExitStatus | null;
}

export interface TerminalsView {
  list: TerminalView[];
  selected: number | null;
  /** A terminal has been asked for and is not there yet. */
  opening: boolean;
  full: boolean;
  /** The terminal that a person asked for just now: it gets the keyboard. */
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
  private readonly terminals = new Map<number, Terminal>();
  private size = DEFAULT_SIZE;
  private keys = 0;
  /** Whether the terminal on its way was asked for by a person, not opened by itself. */
  private pressed = false;
  /** Runs while keys that went out are unanswered. */
  private answerBy: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly wire: Wire,
    private readonly lineIsDead: () => void = () => {},
  ) {}

  // What people do.

  open = (): void => {
    this.pressed = true;
    this.ask();
  };

  close = (id: number): void => {
    this.wire.say({ type: "close_terminal", terminal: id });
    this.forget(id);
  };

  select = (id: number): void => this.view.update(now => ({ ...now, selected: id, focus: null }));

  /** To the terminal `by` tabs further on, round and round, with the keyboard. */
  step(by: number): void {
    const { list, selected } = this.view.get();
    const at = list.findIndex(({ id }) => id === selected);
    const next = list.at((at + by) % list.length);
    if (next && next.id !== selected) this.view.update(now => ({ ...now, selected: next.id, focus: next.id }));
  }

  putRight(id: number): void {
    this.terminals.get(id)?.screen?.putRight();
  }

  /** Whether a person works with it on this page, rather than on another that shows it too. */
  isWorkedWith(id: number): boolean {
    return this.terminals.get(id)?.typedInto ?? false;
  }

  /** Keys and pastes. False when there is too much unconfirmed already. */
  type(id: number, bytes: Uint8Array): boolean {
    const terminal = this.terminals.get(id);
    if (!terminal || terminal.exited || terminal.output.drawnTo < terminal.replayUntil) return true;
    terminal.typedInto = true;
    const taken = terminal.input.push(bytes);
    this.sendInput(terminal);
    return taken;
  }

  resize(id: number, size: TerminalSize): void {
    this.size = size;
    const terminal = this.terminals.get(id);
    if (!terminal || sameSize(terminal.size, size)) return;
    terminal.size = size;
    this.wire.say({ type: "resize_terminal", terminal: id, size });
  }

  // Screens come and go: with the lazily loaded terminal chunk, with tabs.

  /** `screen` draws this terminal from now on, from the start of what is kept. */
  connectScreen(id: number, screen: Screen): () => void {
    const terminal = this.terminals.get(id);
    if (!terminal) return () => {};
    terminal.screen = screen;
    terminal.replayUntil = Math.max(terminal.replayUntil, terminal.output.resumeFrom);
    terminal.output = new OutputCursor();
    this.attach(terminal);
    return () => {
      if (terminal.screen === screen) terminal.screen = null;
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
    // Output that nobody can draw yet is not counted: its screen will ask for it when it attaches.
    if (!terminal || !screen) return;
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

  /** Their container is gone, and they with it. */
  containerGone(): void {
    this.stopAwaiting();
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
    const noneSelected = this.view.get().selected === null;
    if (!mine) return this.draw(noneSelected ? { selected: id } : {});
    this.draw({ opening: false, selected: id, focus: this.pressed ? id : null });
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

  private forget(id: number): void {
    this.terminals.delete(id);
    this.draw();
  }

  private with(id: number, act: (terminal: Terminal) => void): void {
    const terminal = this.terminals.get(id);
    if (terminal) act(terminal);
  }

  private draw(change: Partial<TerminalsView> = {}): void {
    const list = [...this.terminals.values()]
      .map(({ id, key, exited }) => ({ id, key, exited }))
      .sort((a, b) => a.id - b.id);
    const wanted = change.selected ?? this.view.get().selected;
    const fallback = list.findLast(({ exited }) => !exited) ?? list.at(-1);
    const selected = list.some(({ id }) => id === wanted) ? wanted : (fallback?.id ?? null);
    this.view.update(now => ({ ...now, ...change, list, selected, full: list.length >= MAX_TERMINALS }));
  }
}

function sameSize(one: TerminalSize, other: TerminalSize): boolean {
  return one.columns === other.columns && one.rows === other.rows;
}
