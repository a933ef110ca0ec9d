// Hostile bytes for what the IDE reads of a socket and of a language server: valid ones spoilt in a few places, from a
// seed, so that a failure can be had again. FUZZ_CASES: inputs per target (default 2000); FUZZ_SEED: the first of them.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { encodeMessage, FramingError, MessageReader } from "../state/framing";
import { decodeFrame, encodeFrame, FrameError } from "./frame";
import { FRAME_HEADER_BYTES, MAX_PAYLOAD_BYTES } from "./generated";
import { readSessionMessage } from "./session-message";

const CASES = Number(process.env.FUZZ_CASES ?? 2000);
const SEED = Number(process.env.FUZZ_SEED ?? 1);

const fixture = (name: string) =>
  Uint8Array.from(readFileSync(new URL(`../../../ide-protocol/fixtures/${name}`, import.meta.url)));

/** Numbers below `limit`, the same for the same seed (mulberry32). */
function random(seed: number): (limit: number) => number {
  let state = seed;
  return limit => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  };
}

const PIECES = [
  "\0",
  "\r\n\r\n",
  "\r\n",
  "Content-Length: ",
  "9",
  "999999999999999",
  "-1",
  "ÿ",
  '"',
  "{",
  "}",
  "[[[[[[",
  "\\u0000",
  ":",
  ",",
].map(text => new TextEncoder().encode(text));

/** One of `valid` with up to six things spoilt: bytes changed, pieces put in, taken out, repeated, the end cut off. */
function spoilt(valid: Uint8Array[], next: (limit: number) => number): Uint8Array<ArrayBuffer> {
  let bytes = Array.from(valid[next(valid.length)] ?? []);
  for (let deed = next(7); deed > 0; deed -= 1) {
    const at = next(bytes.length + 1);
    switch (next(5)) {
      case 0:
        bytes[Math.min(at, Math.max(bytes.length - 1, 0))] = next(256);
        break;
      case 1:
        bytes.splice(at, 0, ...(PIECES[next(PIECES.length)] ?? []));
        break;
      case 2:
        bytes.splice(at, next(12));
        break;
      case 3:
        bytes.splice(at, 0, ...bytes.slice(at, at + next(60)));
        break;
      default:
        bytes = bytes.slice(0, at);
    }
  }
  return Uint8Array.from(bytes);
}

/** Runs `check` with many inputs; what goes wrong says with which. */
function fuzz(valid: Uint8Array[], check: (bytes: Uint8Array<ArrayBuffer>, next: (limit: number) => number) => void) {
  for (let number = 0; number < CASES; number += 1) {
    const next = random(SEED + number);
    const bytes = spoilt(valid, next);
    try {
      check(bytes, next);
    } catch (why) {
      throw new Error(`FUZZ_SEED=${SEED + number}: [${bytes.join(" ")}]`, { cause: why });
    }
  }
}

describe("fuzz", () => {
  it("a frame is read as it is written, or refused", () => {
    fuzz([fixture("terminal_output.bin"), fixture("channel_input.bin")], bytes => {
      try {
        const frame = decodeFrame(bytes.buffer);
        expect(frame.payload.length).toBeLessThanOrEqual(MAX_PAYLOAD_BYTES);
        expect(frame.payload.length).toBe(bytes.length - FRAME_HEADER_BYTES);
        expect(encodeFrame(frame)).toEqual(bytes);
      } catch (why) {
        if (!(why instanceof FrameError)) throw why;
      }
    });
  });

  it("a message is one of ours, or nothing", () => {
    const messages: unknown[] = JSON.parse(new TextDecoder().decode(fixture("session_messages.json")));
    fuzz(
      messages.map(message => new TextEncoder().encode(JSON.stringify(message))),
      bytes => {
        const text = new TextDecoder().decode(bytes);
        const message = readSessionMessage(text);
        if (message) expect(messages.map(known => (known as { type: string }).type)).toContain(message.type);
      },
    );
  });

  it("what a language server writes is the same however it is cut, until it breaks the rules", () => {
    const texts = ['{"id":1}', '{"text":"añ€👍"}', '{"long":"'.padEnd(300, "x")];
    const stream = Uint8Array.from(texts.flatMap(text => [...encodeMessage(text)]));
    const read = (bytes: Uint8Array, size: number) => {
      const reader = new MessageReader();
      const messages: string[] = [];
      try {
        for (let at = 0; at < bytes.length; at += size) messages.push(...reader.push(bytes.subarray(at, at + size)));
      } catch (why) {
        if (!(why instanceof FramingError)) throw why;
        return { messages, broken: true };
      }
      return { messages, broken: false };
    };
    fuzz([stream], (bytes, next) => {
      // What came before the break depends on the pieces; whether there is one does not.
      const [whole, inPieces] = [read(bytes, bytes.length || 1), read(bytes, 1 + next(40))];
      expect(inPieces.broken).toBe(whole.broken);
      if (!whole.broken) expect(inPieces.messages).toEqual(whole.messages);
    });
  });
});
