import { describe, expect, it } from "vitest";
import { INPUT_WINDOW_BYTES, InputBuffer, MAX_PENDING_INPUT_BYTES } from "./input-buffer";

const bytes = (text: string) => new TextEncoder().encode(text);
const shown = (buffer: InputBuffer) =>
  buffer.take().map(piece => `${piece.offset}:${new TextDecoder().decode(piece.payload)}`);

describe("typed input", () => {
  it("goes out once, at its offset", () => {
    const buffer = new InputBuffer();
    buffer.push(bytes("ls"));
    expect(shown(buffer)).toEqual(["0:ls"]);
    expect(shown(buffer)).toEqual([]);
    buffer.push(bytes("\n"));
    expect(shown(buffer)).toEqual(["2:\n"]);
  });

  it("goes out again after a cut, from where the far end says it is", () => {
    const buffer = new InputBuffer();
    buffer.push(bytes("echo hello\n"));
    buffer.take();
    buffer.received(5);
    buffer.resumeFrom(7);
    expect(shown(buffer)).toEqual(["7:llo\n"]);
    buffer.received(11);
    buffer.push(bytes("x"));
    expect(shown(buffer)).toEqual(["11:x"]);
  });

  it("typed while cut off goes out on return", () => {
    const buffer = new InputBuffer();
    buffer.push(bytes("ab"));
    buffer.resumeFrom(0);
    expect(shown(buffer)).toEqual(["0:ab"]);
  });

  it("follows a far end that starts elsewhere", () => {
    const buffer = new InputBuffer();
    buffer.resumeFrom(12);
    buffer.push(bytes("a"));
    expect(shown(buffer)).toEqual(["12:a"]);
  });

  it("ignores a confirmation that comes late or twice", () => {
    const buffer = new InputBuffer();
    buffer.push(bytes("abc"));
    buffer.take();
    buffer.received(3);
    buffer.received(2);
    buffer.received(3);
    buffer.push(bytes("d"));
    expect(shown(buffer)).toEqual(["3:d"]);
  });

  it("is cut into frames, and no more is under way than the window", () => {
    const buffer = new InputBuffer();
    expect(buffer.push(new Uint8Array(INPUT_WINDOW_BYTES * 2 + 7))).toBe(true);
    expect(buffer.take().map(piece => piece.payload.length)).toEqual([32768, 32768]);
    expect(buffer.take()).toEqual([]);
    buffer.received(INPUT_WINDOW_BYTES);
    expect(buffer.take().map(piece => piece.offset)).toEqual([65536, 98304]);
    buffer.received(INPUT_WINDOW_BYTES * 2);
    expect(buffer.take().map(piece => piece.payload.length)).toEqual([7]);
  });

  it("refuses a paste that is too large, and keeps what it has", () => {
    const buffer = new InputBuffer();
    buffer.push(bytes("a"));
    expect(buffer.push(new Uint8Array(MAX_PENDING_INPUT_BYTES))).toBe(false);
    expect(shown(buffer)).toEqual(["0:a"]);
  });
});
