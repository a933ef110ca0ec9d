import { describe, expect, it } from "vitest";
import { decodeFrame } from "../protocol/frame";
import type { TerminalInfo, ViewerMessage } from "../protocol/generated";
import { words } from "../words/words";
import { type Screen, Terminals } from "./terminals";

const ME = 7;
const SIZE = { columns: 80, rows: 24 };
const encode = (text: string) => new TextEncoder().encode(text);
const listed = (terminal: number, output_offset = 0): TerminalInfo => ({
  terminal,
  size: SIZE,
  output_offset,
  exited: null,
});

/** A screen that draws when told to, and remembers. */
class FakeScreen implements Screen {
  text = "";
  size = SIZE;
  private undrawn: (() => void)[] = [];
  write(bytes: Uint8Array, done: () => void) {
    this.text += new TextDecoder().decode(bytes);
    this.undrawn.push(done);
  }
  draw() {
    for (const done of this.undrawn.splice(0)) done();
  }
  restart(line: string, done: () => void) {
    this.text = `[${line}]`;
    this.undrawn.push(done);
  }
  putRight() {
    this.text += "[put right]";
  }
  setSize(size: typeof SIZE) {
    this.size = size;
  }
}

function world() {
  const said: ViewerMessage[] = [];
  const typed: string[] = [];
  let up = true;
  const terminals = new Terminals({
    say: message => up && said.push(message) > 0,
    sayBytes: bytes => {
      const frame = decodeFrame(bytes.buffer);
      if (!("terminal" in frame)) throw new Error("not a terminal's");
      return up && typed.push(`${frame.terminal}@${frame.offset}:${new TextDecoder().decode(frame.payload)}`) > 0;
    },
  });
  const output = (terminal: number, offset: number, text: string) =>
    terminals.output({ flow: "output", viewer: ME, terminal, offset, payload: encode(text) });
  const attached = (terminal: number, offset: number, input_offset: number) =>
    terminals.heard({ type: "terminal_attached", terminal, offset, input_offset }, ME);
  const openOne = () => {
    terminals.heard({ type: "terminal_opened", terminal: 1, size: SIZE, viewer: ME }, ME);
    const screen = new FakeScreen();
    terminals.connectScreen(1, screen);
    attached(1, 0, 0);
    return screen;
  };
  return { terminals, said, typed, output, attached, openOne, setUp: (is: boolean) => (up = is) };
}

describe("the terminals of a session", () => {
  it("open one by themselves when there is none, and only one", () => {
    const { terminals, said } = world();
    terminals.listed([]);
    terminals.open();
    expect(said).toEqual([{ type: "open_terminal", size: SIZE }]);
    terminals.heard({ type: "terminal_opened", terminal: 1, size: SIZE, viewer: ME }, ME);
    expect(terminals.view.get()).toMatchObject({ selected: 1, opening: false });
  });

  it("do not take the keyboard when they open by themselves", () => {
    const { terminals } = world();
    terminals.listed([]);
    terminals.heard({ type: "terminal_opened", terminal: 1, size: SIZE, viewer: ME }, ME);
    expect(terminals.view.get()).toMatchObject({ selected: 1, focus: null });
  });

  it("give the keyboard to one that a person asked for", () => {
    const { terminals, said, openOne } = world();
    openOne();
    terminals.open();
    expect(said.at(-1)?.type).toBe("open_terminal");
    terminals.heard({ type: "terminal_opened", terminal: 2, size: SIZE, viewer: ME }, ME);
    expect(terminals.view.get()).toMatchObject({ selected: 2, focus: 2 });
    terminals.heard({ type: "terminal_opened", terminal: 3, size: SIZE, viewer: 99 }, ME);
    expect(terminals.view.get()).toMatchObject({ selected: 2 });
  });

  it("bring one that still runs to the front", () => {
    const { terminals } = world();
    terminals.listed([listed(1), { ...listed(2), exited: { type: "exited", code: 0 } }]);
    expect(terminals.view.get().selected).toBe(1);
  });

  it("are stepped through with the keyboard, round and round", () => {
    const { terminals } = world();
    terminals.step(1);
    terminals.listed([listed(1), listed(2), listed(5)]);
    const walk = [1, 1, 1, -1, -1].map(by => {
      terminals.step(by);
      return terminals.view.get();
    });
    expect(walk.map(({ selected }) => selected)).toEqual([1, 2, 3, 2, 1]);
    expect(walk.map(({ focus }) => focus)).toEqual([1, 2, 3, 2, 1]);
    terminals.select(2);
    expect(terminals.view.get()).toMatchObject({ selected: 2, focus: null });
  });

  it("know which of them is worked with on this page", () => {
    const { terminals, openOne } = world();
    openOne();
    expect(terminals.isWorkedWith(1)).toBe(false);
    terminals.type(1, encode("l"));
    expect(terminals.isWorkedWith(1)).toBe(true);
    expect(terminals.isWorkedWith(2)).toBe(false);
  });

  it("put a screen right that a program left in disorder", () => {
    const { terminals, output, openOne } = world();
    const screen = openOne();
    output(1, 0, "$ ");
    terminals.putRight(1);
    terminals.putRight(2);
    expect(screen.text).toBe("$ [put right]");
  });

  it("show everything to a screen that came late", () => {
    const { terminals, said, output, attached } = world();
    terminals.heard({ type: "terminal_opened", terminal: 1, size: SIZE, viewer: ME }, ME);
    output(1, 0, "lost on nobody");
    const screen = new FakeScreen();
    terminals.connectScreen(1, screen);
    expect(said.at(-1)).toEqual({ type: "attach_terminal", terminal: 1, from_offset: 0 });
    attached(1, 0, 0);
    output(1, 0, "lost on nobody");
    expect(screen.text).toBe("lost on nobody");
  });

  it("resume after a cut without a gap or a repeat, in both directions", () => {
    const { terminals, said, typed, output, attached, openOne, setUp } = world();
    const screen = openOne();
    output(1, 0, "$ ");
    terminals.type(1, encode("ls"));
    setUp(false);
    terminals.disconnected();
    terminals.type(1, encode("\r"));
    setUp(true);
    terminals.listed([listed(1, 10)]);
    expect(said.at(-1)).toEqual({ type: "attach_terminal", terminal: 1, from_offset: 2 });
    attached(1, 2, 1);
    output(1, 2, "ls\r\nfile");
    expect(screen.text).toBe("$ ls\r\nfile");
    expect(typed).toEqual(["1@0:ls", "1@1:s\r"]);
  });

  it("say so when output was lost, and do not type twice because of it", () => {
    const { terminals, typed, output, attached, openOne } = world();
    const screen = openOne();
    output(1, 0, "old");
    terminals.type(1, encode("x"));
    attached(1, 5000, 0);
    output(1, 5000, "new");
    expect(screen.text).toBe(`[${words.terminal.gap}]new`);
    expect(typed).toEqual(["1@0:x"]);
  });

  it("make room again after a gap, once all before it is drawn", () => {
    const { said, output, attached, openOne } = world();
    const screen = openOne();
    output(1, 0, "y".repeat(30_000));
    attached(1, 500_000, 0);
    const before = said.length;
    screen.draw();
    expect(said.slice(before)).toEqual([{ type: "acknowledge_output", terminal: 1, offset: 500_000 }]);
  });

  it("acknowledge only what was drawn", () => {
    const { said, output, openOne } = world();
    const screen = openOne();
    const before = said.length;
    for (let at = 0; at < 4; at += 1) output(1, at * 30_000, "y".repeat(30_000));
    expect(said).toHaveLength(before);
    screen.draw();
    expect(said.slice(before)).toEqual([{ type: "acknowledge_output", terminal: 1, offset: 90_000 }]);
  });

  it("forget those of a lost host, whose numbers may come again", () => {
    const { terminals, said, output, openOne } = world();
    openOne();
    output(1, 0, "from the old one");
    terminals.listed([listed(1, 3)]);
    const before = said.length;
    terminals.connectScreen(2, new FakeScreen());
    expect(said.slice(before)).toEqual([{ type: "attach_terminal", terminal: 1, from_offset: 0 }]);
  });

  it("take what is under way while a screen attaches for no gap", () => {
    const { terminals, output, attached } = world();
    terminals.heard({ type: "terminal_opened", terminal: 1, size: SIZE, viewer: ME }, ME);
    output(1, 0, "learner@");
    const screen = new FakeScreen();
    terminals.connectScreen(1, screen);
    output(1, 8, "work$ ");
    attached(1, 0, 0);
    output(1, 0, "learner@work$ ");
    expect(screen.text).toBe("learner@work$ ");
  });

  it("stay to be read when their machine stops, apart from those of the next one", () => {
    const { terminals, typed, output, openOne } = world();
    const old = openOne();
    output(1, 0, "the old one's last words");
    terminals.containerGone();
    expect(terminals.view.get()).toMatchObject({ list: [{ id: 1, key: 1, gone: true }], selected: 1 });

    terminals.listed([]);
    const screen = new FakeScreen();
    terminals.heard({ type: "terminal_opened", terminal: 1, size: SIZE, viewer: ME }, ME);
    terminals.connectScreen(2, screen);
    expect(terminals.view.get()).toMatchObject({
      list: [
        { key: 1, gone: true },
        { key: 2, gone: false },
      ],
      selected: 2,
    });
    terminals.heard({ type: "terminal_attached", terminal: 1, offset: 0, input_offset: 0 }, ME);
    output(1, 0, "new");
    terminals.type(1, encode("into the old one"));
    terminals.resize(1, { columns: 9, rows: 9 });
    expect([old.text, screen.text, typed]).toEqual(["the old one's last words", "new", []]);
    terminals.close(1);
    expect(terminals.view.get().list.map(({ key }) => key)).toEqual([2]);
  });

  it("are forgotten with their machine when nothing shows their text any more", () => {
    const { terminals, openOne } = world();
    openOne();
    const leave = terminals.connectScreen(1, new FakeScreen());
    terminals.heard({ type: "terminal_opened", terminal: 2, size: SIZE, viewer: 99 }, ME);
    terminals.containerGone();
    expect(terminals.view.get().list.map(({ key }) => key)).toEqual([1]);
    leave();
    expect(terminals.view.get()).toMatchObject({ list: [], selected: null });
  });

  it("do not type a screen's answers to old output into what runs now", () => {
    const { terminals, typed, output, attached } = world();
    terminals.listed([listed(1, 3)]);
    const screen = new FakeScreen();
    terminals.connectScreen(1, screen);
    attached(1, 0, 0);
    output(1, 0, "old");
    terminals.type(1, encode("answer"));
    screen.draw();
    terminals.type(1, encode("key"));
    expect(typed).toEqual(["1@0:key"]);
  });

  it("tell a size once, and follow one that another tab chose", () => {
    const { terminals, said, openOne } = world();
    const screen = openOne();
    const before = said.length;
    const wide = { columns: 120, rows: 30 };
    terminals.resize(1, wide);
    terminals.resize(1, wide);
    terminals.heard({ type: "terminal_resized", terminal: 1, size: wide }, ME);
    expect(said.slice(before)).toEqual([{ type: "resize_terminal", terminal: 1, size: wide }]);
    expect(screen.size).toEqual(SIZE);
    terminals.heard({ type: "terminal_resized", terminal: 1, size: SIZE }, ME);
    terminals.heard({ type: "terminal_resized", terminal: 1, size: wide }, ME);
    expect(screen.size).toEqual(wide);
  });

  it("keep an exited one to read, deaf to keys, until it is closed", () => {
    const { terminals, typed, openOne } = world();
    openOne();
    terminals.heard({ type: "terminal_exited", terminal: 1, status: { type: "exited", code: 3 } }, ME);
    terminals.type(1, encode("ls"));
    expect(typed).toEqual([]);
    expect(terminals.view.get().list).toMatchObject([{ id: 1, exited: { type: "exited", code: 3 } }]);
    terminals.close(1);
    expect(terminals.view.get().list).toEqual([]);
  });
});
