// The base protocol of language servers: each message behind a header that says how many bytes it has (of UTF-8, not
// characters). Pure. What comes in is a program's output in a learner's machine, and may be anything.

/** Completions of a large module are some 500 KB; whatever is larger is not an answer to a key stroke. */
export const MAX_MESSAGE_BYTES = 4 * 1024 * 1024;
/** A header has one line that matters and at most one more. */
export const MAX_HEADER_BYTES = 1_024;

/** It does not speak the protocol: nothing that follows can be understood. */
export class FramingError extends Error {}

const HEADER_END = [13, 10, 13, 10];

export function encodeMessage(text: string): Uint8Array<ArrayBuffer> {
  const body = new TextEncoder().encode(text);
  const header = new TextEncoder().encode(`Content-Length: ${body.length}\r\n\r\n`);
  const bytes = new Uint8Array(header.length + body.length);
  bytes.set(header);
  bytes.set(body, header.length);
  return bytes;
}

/** Takes bytes in whatever pieces they come, and gives whole messages. */
export class MessageReader {
  private header: number[] = [];
  private body: { bytes: Uint8Array; filled: number } | null = null;

  /** Throws FramingError; the reader is of no use afterwards. */
  push(piece: Uint8Array): string[] {
    const messages: string[] = [];
    let at = 0;
    while (at < piece.length) {
      at = this.body ? this.readBody(piece, at, messages) : this.readHeader(piece, at);
    }
    return messages;
  }

  private readHeader(piece: Uint8Array, from: number): number {
    for (let at = from; at < piece.length; at += 1) {
      this.header.push(piece[at] ?? 0);
      if (endsHeader(this.header)) {
        this.body = { bytes: new Uint8Array(lengthIn(this.header)), filled: 0 };
        this.header = [];
        return at + 1;
      }
      if (this.header.length >= MAX_HEADER_BYTES) throw new FramingError("a header does not end");
    }
    return piece.length;
  }

  private readBody(piece: Uint8Array, from: number, messages: string[]): number {
    if (!this.body) return from;
    const { bytes, filled } = this.body;
    const taken = piece.subarray(from, from + bytes.length - filled);
    bytes.set(taken, filled);
    this.body.filled += taken.length;
    if (this.body.filled === bytes.length) {
      messages.push(textOf(bytes));
      this.body = null;
    }
    return from + taken.length;
  }
}

function endsHeader(header: number[]): boolean {
  return HEADER_END.every((byte, at) => header[header.length - HEADER_END.length + at] === byte);
}

function lengthIn(header: number[]): number {
  const digits = /^content-length:[ \t]*(\d{1,15})[ \t]*$/im.exec(String.fromCharCode(...header))?.[1];
  if (digits === undefined) throw new FramingError("a header has no length");
  const length = Number(digits);
  if (length === 0) throw new FramingError("a message is empty");
  if (length > MAX_MESSAGE_BYTES) throw new FramingError(`a message of ${length} bytes is over the limit`);
  return length;
}

function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new FramingError("a message is not UTF-8");
  }
}
