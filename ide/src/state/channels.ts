// Byte channels into the learner's machine, seen from the browser that opens them: numbers, offsets and credit as
// ide-protocol/src/channel.rs says. Knows sockets as something that takes messages and frames, and not what the bytes mean.
import { type ChannelFrame, encodeFrame } from "../protocol/frame";
import {
  CHANNEL_WINDOW_BYTES,
  type ChannelMessage,
  type ChannelProblem,
  type ChannelTarget,
  MAX_PAYLOAD_BYTES,
} from "../protocol/generated";
import type { Wire } from "./terminals";

/** Bytes that wait for the other side to take them: a file of 1 MiB as JSON, with every byte escaped at worst. */
export const MAX_WAITING_BYTES = 8 * 1024 * 1024;

export interface ChannelEvents {
  opened(): void;
  bytes(payload: Uint8Array): void;
  /** Once, and nothing after it. Null: both sides had finished, or we closed it. */
  closed(reason: ChannelProblem | null): void;
}

export interface Channel {
  /** False, and nothing sent, when it is over or too much waits already. */
  send(bytes: Uint8Array): boolean;
  close(): void;
}

interface Open {
  events: ChannelEvents;
  /** Not sent yet, for want of credit. */
  waiting: Uint8Array[];
  waitingBytes: number;
  sent: number;
  /** We may send up to here. */
  granted: number;
  received: number;
  /** They may send up to here. */
  given: number;
}

const NO_CONTAINER: ChannelProblem = { type: "no_container" };

export class Channels {
  private readonly channels = new Map<number, Open>();
  private numbers = 0;

  constructor(private readonly wire: Wire) {}

  /** Null when nobody is connected. Bytes may be sent at once. */
  open(target: ChannelTarget, events: ChannelEvents): Channel | null {
    this.numbers += 1;
    const id = this.numbers;
    if (!this.say({ type: "open", channel: id, target })) return null;
    const [granted, given] = [CHANNEL_WINDOW_BYTES, CHANNEL_WINDOW_BYTES];
    this.channels.set(id, { events, waiting: [], waitingBytes: 0, sent: 0, granted, received: 0, given });
    return {
      send: bytes => this.send(id, bytes),
      close: () => {
        if (this.channels.has(id)) this.say({ type: "closed", channel: id, reason: null });
        this.end(id, null);
      },
    };
  }

  heard(message: ChannelMessage): void {
    const channel = this.channels.get(message.channel);
    // What crosses our own last word is void.
    if (!channel) return;
    switch (message.type) {
      case "opened":
        return channel.events.opened();
      case "granted":
        channel.granted = Math.max(channel.granted, message.up_to);
        return this.flush(message.channel, channel);
      case "finished":
        // Whoever opens language servers has nothing more to say to one that has stopped talking.
        this.say({ type: "closed", channel: message.channel, reason: null });
        return this.end(message.channel, null);
      case "closed":
        return this.end(message.channel, message.reason);
      case "open":
        return this.breakOff(message.channel);
    }
  }

  arrived({ channel: id, offset, payload, flow }: ChannelFrame): void {
    const channel = this.channels.get(id);
    if (!channel) return;
    const end = offset + payload.length;
    if (flow !== "output" || offset !== channel.received || end > channel.given) return this.breakOff(id);
    channel.received = end;
    channel.events.bytes(payload);
    // Passed on: they may go on. Not at each frame, which would double the messages.
    if (!this.channels.has(id) || channel.given - end > CHANNEL_WINDOW_BYTES / 2) return;
    channel.given = end + CHANNEL_WINDOW_BYTES;
    this.say({ type: "granted", channel: id, up_to: channel.given });
  }

  /** The socket is cut, or the container gone: no channel outlives either. */
  gone(): void {
    for (const id of [...this.channels.keys()]) this.end(id, NO_CONTAINER);
  }

  private send(id: number, bytes: Uint8Array): boolean {
    const channel = this.channels.get(id);
    if (!channel || channel.waitingBytes + bytes.length > MAX_WAITING_BYTES) return false;
    channel.waiting.push(bytes);
    channel.waitingBytes += bytes.length;
    this.flush(id, channel);
    return true;
  }

  private flush(id: number, channel: Open): void {
    for (;;) {
      const [next] = channel.waiting;
      const room = Math.min(channel.granted - channel.sent, MAX_PAYLOAD_BYTES);
      if (!next || room <= 0) return;
      const payload = next.subarray(0, room);
      const frame = { flow: "input", viewer: 0, channel: id, offset: channel.sent, payload } as const;
      // Not connected: `gone` follows.
      if (!this.wire.sayBytes(encodeFrame(frame))) return;
      channel.sent += payload.length;
      channel.waitingBytes -= payload.length;
      if (payload.length === next.length) channel.waiting.shift();
      else channel.waiting[0] = next.subarray(payload.length);
    }
  }

  private breakOff(id: number): void {
    const reason: ChannelProblem = { type: "rule_broken" };
    this.say({ type: "closed", channel: id, reason });
    this.end(id, reason);
  }

  private end(id: number, reason: ChannelProblem | null): void {
    const channel = this.channels.get(id);
    this.channels.delete(id);
    channel?.events.closed(reason);
  }

  private say(message: ChannelMessage): boolean {
    return this.wire.say({ type: "channel", message });
  }
}
