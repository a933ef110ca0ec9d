import { beforeEach, describe, expect, it } from "vitest";
import { type ChannelFrame, decodeFrame } from "../protocol/frame";
import {
  CHANNEL_WINDOW_BYTES,
  type ChannelMessage,
  MAX_PAYLOAD_BYTES,
  type ViewerMessage,
} from "../protocol/generated";
import { Channels, MAX_WAITING_BYTES } from "./channels";

const PYTHON = { type: "language_server", language: "python" } as const;

/** The socket, and what went over it. */
class Line {
  connected = true;
  messages: ChannelMessage[] = [];
  frames: ChannelFrame[] = [];

  say = (message: ViewerMessage): boolean => {
    if (this.connected && message.type === "channel") this.messages.push(message.message);
    return this.connected;
  };
  sayBytes = (bytes: Uint8Array<ArrayBuffer>): boolean => {
    if (this.connected) this.frames.push(decodeFrame(bytes.buffer) as ChannelFrame);
    return this.connected;
  };
}

let line: Line;
let channels: Channels;
let events: string[];
beforeEach(() => {
  line = new Line();
  channels = new Channels(line);
  events = [];
});

function open() {
  const listener = {
    opened: () => void events.push("opened"),
    bytes: (payload: Uint8Array) => void events.push(`${payload.length} bytes`),
    closed: (reason: { type: string } | null) => void events.push(`closed ${reason?.type ?? "well"}`),
  };
  const channel = channels.open(PYTHON, listener);
  if (!channel) throw new Error("not connected");
  return channel;
}
const from = (channel: number, offset: number, length: number, flow: "output" | "input" = "output") =>
  channels.arrived({ flow, viewer: 1, channel, offset, payload: new Uint8Array(length) });

describe("a channel", () => {
  it("is opened under a number of its own, carries bytes and is closed", () => {
    const first = open();
    open();
    expect(line.messages).toEqual([
      { type: "open", channel: 1, target: PYTHON },
      { type: "open", channel: 2, target: PYTHON },
    ]);
    channels.heard({ type: "opened", channel: 1 });
    first.send(new Uint8Array(5));
    first.send(new Uint8Array(7));
    expect(line.frames.map(({ channel, offset, payload }) => [channel, offset, payload.length])).toEqual([
      [1, 0, 5],
      [1, 5, 7],
    ]);
    from(1, 0, 3);
    first.close();
    expect(line.messages.at(-1)).toEqual({ type: "closed", channel: 1, reason: null });
    // What was on its way is void.
    from(1, 3, 3);
    channels.heard({ type: "closed", channel: 1, reason: null });
    expect(events).toEqual(["opened", "3 bytes", "closed well"]);
    expect(first.send(new Uint8Array(1))).toBe(false);
  });

  it("sends as far as it was granted, in frames of a bounded size, and the rest when there is more", () => {
    const channel = open();
    const sent = () => line.frames.reduce((sum, frame) => sum + frame.payload.length, 0);
    channel.send(new Uint8Array(CHANNEL_WINDOW_BYTES + 10));
    expect(sent()).toBe(CHANNEL_WINDOW_BYTES);
    expect(Math.max(...line.frames.map(frame => frame.payload.length))).toBe(MAX_PAYLOAD_BYTES);
    channels.heard({ type: "granted", channel: 1, up_to: CHANNEL_WINDOW_BYTES + 4 });
    expect(sent()).toBe(CHANNEL_WINDOW_BYTES + 4);
    // A grant never falls.
    channels.heard({ type: "granted", channel: 1, up_to: 1 });
    channels.heard({ type: "granted", channel: 1, up_to: 2 * CHANNEL_WINDOW_BYTES });
    expect(sent()).toBe(CHANNEL_WINDOW_BYTES + 10);
  });

  it("holds a bounded amount for a far side that takes nothing", () => {
    const channel = open();
    const piece = new Uint8Array(1024 * 1024);
    let taken = 0;
    while (channel.send(piece)) taken += piece.length;
    expect(taken).toBeLessThanOrEqual(MAX_WAITING_BYTES + CHANNEL_WINDOW_BYTES);
  });

  it("grants more once it has passed bytes on, not at each frame", () => {
    open();
    let offset = 0;
    while (offset < 3 * CHANNEL_WINDOW_BYTES) {
      from(1, offset, MAX_PAYLOAD_BYTES);
      offset += MAX_PAYLOAD_BYTES;
    }
    const grants = line.messages.filter(message => message.type === "granted");
    expect(grants.length).toBeGreaterThan(2);
    expect(grants.length).toBeLessThanOrEqual(6);
    expect(grants.at(-1)?.up_to).toBeGreaterThan(offset);
  });

  it("is broken off by a far side that breaks the rules", () => {
    const rows: [string, () => void][] = [
      ["a hole", () => from(1, 5, 1)],
      ["a repeat", () => [0, 0].map(offset => from(1, offset, 5))],
      ["more than granted", () => from(1, 0, CHANNEL_WINDOW_BYTES + 1)],
      ["our own direction", () => from(1, 0, 1, "input")],
      ["an opening", () => channels.heard({ type: "open", channel: 1, target: PYTHON })],
    ];
    for (const [what, act] of rows) {
      line = new Line();
      channels = new Channels(line);
      events = [];
      open();
      act();
      expect(events.at(-1), what).toBe("closed rule_broken");
      expect(line.messages.at(-1), what).toMatchObject({ type: "closed", reason: { type: "rule_broken" } });
    }
  });

  it("does not outlive the socket, and its number is not used again", () => {
    open();
    line.connected = false;
    channels.gone();
    expect(events).toEqual(["closed no_container"]);
    expect(channels.open(PYTHON, { opened() {}, bytes() {}, closed() {} })).toBeNull();
    line.connected = true;
    open();
    expect(line.messages.at(-1)).toMatchObject({ type: "open", channel: 3 });
  });

  it("says why it could not be had, or ended", () => {
    open();
    open();
    channels.heard({ type: "closed", channel: 1, reason: { type: "cannot_start", detail: "no such program" } });
    channels.heard({ type: "finished", channel: 2 });
    expect(events).toEqual(["closed cannot_start", "closed well"]);
  });
});
