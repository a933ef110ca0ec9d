import { describe, expect, it } from "vitest";
import { encodeMessage, FramingError, MAX_HEADER_BYTES, MAX_MESSAGE_BYTES, MessageReader } from "./framing";

const bytes = (text: string) => new TextEncoder().encode(text);

/** Everything a reader gives for `all`, cut into pieces of `size` bytes. */
function read(all: Uint8Array, size = all.length): string[] {
  const reader = new MessageReader();
  const messages: string[] = [];
  for (let at = 0; at < all.length; at += size) messages.push(...reader.push(all.subarray(at, at + size)));
  return messages;
}

function joined(...parts: Uint8Array[]): Uint8Array {
  return new Uint8Array(parts.flatMap(part => [...part]));
}

describe("framing", () => {
  it("counts bytes, not characters", () => {
    const rows: [string, number][] = [
      ["{}", 2],
      ['{"a":"ü"}', 10],
      ['{"a":"€"}', 11],
      ['{"a":"👩‍🚀"}', 19],
    ];
    for (const [text, length] of rows) {
      expect(new TextDecoder().decode(encodeMessage(text))).toBe(`Content-Length: ${length}\r\n\r\n${text}`);
      expect(read(encodeMessage(text))).toEqual([text]);
    }
  });

  it("puts messages together from pieces of any size, cut anywhere, also within a character", () => {
    const texts = ['{"id":1}', '{"text":"añ€👍"}', '{"long":"'.padEnd(3_000, "x"), "[]"];
    const all = joined(...texts.map(encodeMessage));
    for (const size of [1, 2, 3, 7, 16, 100, 1_000, all.length]) expect(read(all, size), `by ${size}`).toEqual(texts);
  });

  it("takes headers as servers write them", () => {
    const rows = [
      "Content-Length: 2\r\n\r\n{}",
      "content-length:2\r\n\r\n{}",
      "Content-Type: application/vscode-jsonrpc; charset=utf-8\r\nContent-Length: 2\r\n\r\n{}",
      "Content-Length: 2 \r\nContent-Type: x\r\n\r\n{}",
    ];
    for (const row of rows) expect(read(bytes(row)), row).toEqual(["{}"]);
  });

  it("gives up on what is not the protocol, at a bound", () => {
    const rows: [string, Uint8Array][] = [
      ["no length", bytes("Hello: world\r\n\r\n{}")],
      ["a program that prints", bytes("Traceback (most recent call last):\r\n\r\n")],
      ["a negative length", bytes("Content-Length: -2\r\n\r\n{}")],
      ["a length that is none", bytes("Content-Length: 2x\r\n\r\n{}")],
      ["an empty message", bytes("Content-Length: 0\r\n\r\n")],
      ["too long a message", bytes(`Content-Length: ${MAX_MESSAGE_BYTES + 1}\r\n\r\n`)],
      ["a length beyond counting", bytes("Content-Length: 99999999999999999999\r\n\r\n")],
      ["a header without an end", bytes("x".repeat(MAX_HEADER_BYTES))],
      ["not UTF-8", joined(bytes("Content-Length: 2\r\n\r\n"), new Uint8Array([0xc3, 0x28]))],
    ];
    for (const [what, all] of rows) {
      expect(() => read(all), what).toThrow(FramingError);
      expect(() => read(all, 1), what).toThrow(FramingError);
    }
  });

  it("says nothing of what is not whole yet", () => {
    expect(read(bytes("Content-Length: 10\r\n\r\n{}"))).toEqual([]);
    expect(read(bytes("Content-Len"))).toEqual([]);
  });
});
