import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { retryDelayMs } from "./backoff";
import { Connection, DoNotRetry, type Socket } from "./connection";

class FakeSocket implements Socket {
  binaryType = "";
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  sent: unknown[] = [];
  closed = false;
  send(data: unknown) {
    this.sent.push(data);
  }
  close() {
    this.closed = true;
  }
}

function world() {
  const sockets: FakeSocket[] = [];
  const heard: string[] = [];
  let refuse: Error | null = null;
  const connection = new Connection({
    dial: async () => {
      if (refuse) throw refuse;
      const socket = new FakeSocket();
      sockets.push(socket);
      return socket;
    },
    opened: () => heard.push("opened"),
    text: message => heard.push(message),
    binary: bytes => heard.push(`${bytes.byteLength} bytes`),
    lost: () => heard.push("lost"),
  });
  const settle = () => vi.advanceTimersByTimeAsync(0);
  const last = () => sockets.at(-1) ?? expect.fail("nobody dialled");
  const open = async () => {
    await settle();
    last().onopen?.();
  };
  return { connection, sockets, heard, settle, last, open, refuseWith: (why: Error | null) => (refuse = why) };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("a connection", () => {
  it("hears and says once it is open", async () => {
    const { connection, heard, last, open } = world();
    connection.start();
    expect(connection.send("too early")).toBe(false);
    await open();
    expect(connection.send("hello")).toBe(true);
    last().onmessage?.({ data: "welcome" });
    last().onmessage?.({ data: new ArrayBuffer(3) });
    expect(heard).toEqual(["opened", "welcome", "3 bytes"]);
    expect(last().sent).toEqual(["hello"]);
  });

  it("comes back after a cut, later and later, and at once when asked", async () => {
    const { connection, sockets, last, open, settle, heard } = world();
    connection.start();
    await open();
    last().onclose?.({ code: 1006 });
    expect(connection.link.get().type).toBe("waiting");
    await vi.advanceTimersByTimeAsync(500);
    expect(sockets).toHaveLength(2);
    last().onclose?.({ code: 1006 });
    await vi.advanceTimersByTimeAsync(700);
    expect(sockets).toHaveLength(2);
    connection.retryNow();
    await settle();
    expect(sockets).toHaveLength(3);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(sockets).toHaveLength(3);
    expect(heard).toEqual(["opened", "lost"]);
  });

  it.each([
    [4410, "session_ended"],
    [4426, "version"],
    [4403, "forbidden"],
  ])("does not come back after close code %i", async (code, why) => {
    const { connection, sockets, last, open } = world();
    connection.start();
    await open();
    last().onclose?.({ code });
    expect(connection.link.get()).toEqual({ type: "closed", why });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(sockets).toHaveLength(1);
  });

  it("stops when dialling says that there is no session any more, and retries when it merely fails", async () => {
    const { connection, settle, refuseWith } = world();
    refuseWith(new Error("no answer"));
    connection.start();
    await settle();
    expect(connection.link.get().type).toBe("waiting");
    refuseWith(new DoNotRetry("session_ended"));
    connection.retryNow();
    await settle();
    expect(connection.link.get()).toEqual({ type: "closed", why: "session_ended" });
  });

  it("is offline while the browser has no network, deaf to the old socket", async () => {
    const { connection, sockets, heard, last, open, settle } = world();
    connection.start();
    await open();
    const old = last();
    connection.networkLost();
    expect(connection.link.get().type).toBe("offline");
    expect(old.closed).toBe(true);
    expect(old.onmessage).toBeNull();
    connection.retryNow();
    await settle();
    expect(sockets).toHaveLength(2);
    expect(heard).toEqual(["opened", "lost"]);
  });

  it("closes a socket that arrives after it was stopped", async () => {
    const { connection, last, settle } = world();
    connection.start();
    connection.stop();
    await settle();
    expect(last().closed).toBe(true);
    expect(connection.link.get()).toEqual({ type: "closed", why: "stopped" });
  });
});

it("waits half a second at first and never more than fifteen, a quarter less by chance", () => {
  const rows: [number, number, number][] = [
    [1, 0, 500],
    [2, 0, 1000],
    [3, 0, 2000],
    [6, 0, 15000],
    [60, 0, 15000],
    [2, 0.999999, 750],
  ];
  for (const [failures, random, delay] of rows) expect(retryDelayMs(failures, random)).toBe(delay);
});
