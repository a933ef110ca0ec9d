// The golden fixtures of ide-protocol, read by the other end of the wire: Rust checks that it writes them, we that we
// read them and write the same.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { decodeFrame, encodeFrame, FrameError } from "./frame";
import type { SessionMessage, ViewerMessage } from "./generated";
import { readSessionMessage } from "./session-message";

const fixture = (name: string) => readFileSync(new URL(`../../../ide-protocol/fixtures/${name}`, import.meta.url));

describe("text messages", () => {
  const said: SessionMessage[] = JSON.parse(fixture("session_messages.json").toString());

  it.each(said.map(message => [message.type, message] as const))("%s is known and survives", (_type, message) => {
    expect(readSessionMessage(JSON.stringify(message))).toEqual(message);
  });

  it("passes over what is not a message", () => {
    for (const text of ["", "{", "null", "7", "[]", "{}", '{"type":7}', '{"type":"teleport"}', '{"type":"toString"}']) {
      expect(readSessionMessage(text), text).toBeNull();
    }
  });

  it("writes every message a viewer may say as Rust does", () => {
    const size = { columns: 80, rows: 24 };
    const ours: ViewerMessage[] = [
      { type: "hello", version: 1, client: "0199a1b2-0000-7000-8000-000000000001" },
      { type: "open_terminal", size },
      { type: "attach_terminal", terminal: 1, from_offset: 4096 },
      { type: "acknowledge_output", terminal: 1, offset: 8192 },
      { type: "resize_terminal", terminal: 1, size },
      { type: "close_terminal", terminal: 1 },
      { type: "run_tests" },
      { type: "stop_run", run: 3 },
      {
        type: "channel",
        message: { type: "open", channel: 1, target: { type: "language_server", language: "python" } },
      },
      { type: "channel", message: { type: "granted", channel: 1, up_to: 163840 } },
      { type: "channel", message: { type: "finished", channel: 1 } },
      { type: "channel", message: { type: "closed", channel: 1, reason: null } },
      { type: "point", place: { path: "src/main.py", line: 12 } },
      { type: "point", place: null },
    ];
    expect(ours).toEqual(JSON.parse(fixture("viewer_messages.json").toString()));
  });
});

describe("binary frames", () => {
  const golden = Uint8Array.from(fixture("terminal_output.bin"));

  it("reads and rewrites the golden frame of a terminal byte for byte", () => {
    const frame = decodeFrame(golden.buffer);
    expect(frame).toMatchObject({ flow: "output", viewer: 7, terminal: 2, offset: 2 ** 32 });
    expect(new TextDecoder().decode(frame.payload)).toBe("learner@pipes:~$ ☺");
    expect(encodeFrame(frame)).toEqual(golden);
  });

  it("reads and rewrites the golden frame of a channel byte for byte", () => {
    const golden = Uint8Array.from(fixture("channel_input.bin"));
    const frame = decodeFrame(golden.buffer);
    expect(frame).toMatchObject({ flow: "input", viewer: 7, channel: 3, offset: 2 ** 33 });
    expect(new TextDecoder().decode(frame.payload)).toBe("Content-Length: 2\r\n\r\n{}");
    expect(encodeFrame(frame)).toEqual(golden);
  });

  it("refuses what is not a frame", () => {
    const broken = (change: (bytes: Uint8Array) => void) => {
      const bytes = golden.slice();
      change(bytes);
      return bytes.buffer;
    };
    const rows: [string, ArrayBuffer][] = [
      ["nothing", new ArrayBuffer(0)],
      ["half a header", golden.slice(0, 17).buffer],
      ["another version", broken(bytes => bytes.fill(2, 0, 1))],
      ["an unknown kind", broken(bytes => bytes.fill(9, 1, 2))],
      ["an offset beyond counting", broken(bytes => bytes.fill(255, 10, 18))],
      ["too much payload", new Uint8Array([...golden.slice(0, 18), ...new Uint8Array(32 * 1024 + 1)]).buffer],
    ];
    for (const [what, bytes] of rows) expect(() => decodeFrame(bytes), what).toThrow(FrameError);
  });
});
