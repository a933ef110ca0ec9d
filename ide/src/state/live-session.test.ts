// The socket's news, end to end through the state modules, with the wire of the golden fixtures.
import { readFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ApiProblem, NoAnswer } from "../api/http";
import { decodeFrame, encodeFrame } from "../protocol/frame";
import type { SessionMessage, SessionState } from "../protocol/generated";
import type { Socket } from "./connection";
import { LiveSession } from "./live-session";
import { ANSWER_TO_INPUT_WITHIN_MS } from "./terminals";

/** How far the server's clock is ahead. */
const AHEAD_MS = 7 * 60_000;
const READY = {
  type: "ready",
  since: 0,
  until: 1e15,
  idle_seconds: 600,
  extensions_left: 2,
  extension_seconds: 1800,
} as const satisfies SessionState;

class FakeSocket implements Socket {
  binaryType = "";
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  said: { type: string }[] = [];
  typed: string[] = [];
  closedWith: number | undefined;
  closed = false;
  send(data: unknown) {
    if (typeof data === "string") return void this.said.push(JSON.parse(data));
    const { offset, payload } = decodeFrame(Uint8Array.from(data as Uint8Array).buffer);
    this.typed.push(`${offset}:${new TextDecoder().decode(payload)}`);
  }
  close(code?: number) {
    this.closed = true;
    this.closedWith = code;
  }
}

function world() {
  const sockets: FakeSocket[] = [];
  const news: string[] = [];
  let refuse: { open?: Error; ticket?: Error; extend?: Error } = {};
  let opened = 0;
  const api = {
    openSession: async () => {
      opened += 1;
      if (refuse.open) throw refuse.open;
      return { id: `s${opened}`, workspace: "w", state: { type: "queued" } as const };
    },
    endSession: async (id: string) => void news.push(`end ${id}`),
    ticket: async (session: string) => {
      if (refuse.ticket) throw refuse.ticket;
      return { url: `/socket/${session}`, now: (Date.now() + AHEAD_MS) * 1000 };
    },
    session: async (id: string) => ({
      id,
      workspace: "w",
      state: { type: "ended", reason: { type: "idle" } } as const,
    }),
    answerWatch: async () => {},
    endWatch: async () => {},
    extendSession: async (id: string, until: number) => {
      news.push(`extend ${id} at ${until}`);
      if (refuse.extend) throw refuse.extend;
      return { id, workspace: "w", state: { ...READY, until: until + 1800e6, extensions_left: 1 } };
    },
  };
  const leaving = new AbortController();
  const session = new LiveSession(
    api,
    () => {
      const socket = new FakeSocket();
      sockets.push(socket);
      return socket;
    },
    "w",
    "client",
    {
      saveAll: async () => true,
      fileChanged: ({ path }) => news.push(`file ${path}`),
      submissionChanged: ({ state }) => news.push(`submission ${state.type}`),
      missedMessages: () => news.push("missed"),
    },
    leaving.signal,
  );
  const settle = () => vi.advanceTimersByTimeAsync(0);
  const socket = () => sockets.at(-1) ?? expect.fail("nobody dialled");
  const hear = (...messages: SessionMessage[]) => {
    for (const message of messages) socket().onmessage?.({ data: JSON.stringify(message) });
  };
  const connect = async (state: SessionState = READY) => {
    await settle();
    socket().onopen?.();
    hear({ type: "welcome", version: 1, viewer: 7, state });
  };
  const setRefuse = (next: typeof refuse) => (refuse = next);
  return { session, sockets, socket, hear, connect, settle, news, leaving, setRefuse, view: () => session.view.get() };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const problem = (status: number) => new ApiProblem({ type: "", title: "", status, detail: "no", request_id: "" });

describe("a live session", () => {
  it("asked for ahead of its start is asked for once, and again where it starts again", async () => {
    const { session, settle, sockets, view } = world();
    session.askAhead();
    void session.start();
    await settle();
    expect(sockets).toHaveLength(1);
    expect(session.machine().id).toBe("s1");
    void session.start();
    await settle();
    expect(session.machine().id).toBe("s2");
    expect(view().problem).toBeNull();
  });

  it("that was refused ahead says why once it is started", async () => {
    const { session, settle, setRefuse, view } = world();
    setRefuse({ open: problem(409) });
    session.askAhead();
    await settle();
    expect(view().problem).toBeNull();
    void session.start();
    await settle();
    expect(view().problem).toBe("no");
  });

  it("greets first, and opens a terminal as soon as the machine is there", async () => {
    const { session, socket, hear, connect, view } = world();
    void session.start();
    await connect({ type: "starting" });
    expect(socket().said).toEqual([{ type: "hello", version: 1, client: "client" }]);
    hear({ type: "state_changed", state: READY }, { type: "terminals_listed", terminals: [], run: null });
    expect(socket().said.at(-1)?.type).toBe("open_terminal");
    expect(view().state).toEqual(READY);
  });

  it("understands every message of the golden fixtures", async () => {
    const { session, connect, hear, news, socket } = world();
    void session.start();
    await connect();
    const fixtures = new URL("../../../ide-protocol/fixtures/session_messages.json", import.meta.url);
    const all: SessionMessage[] = JSON.parse(readFileSync(fixtures, "utf8"));
    hear(...all);
    expect(news.some(item => item.startsWith("file "))).toBe(true);
    expect(news.some(item => item.startsWith("submission "))).toBe(true);
    expect(socket().closed).toBe(false);
  });

  it("comes back after a cut, and looks for what it missed", async () => {
    const { session, sockets, socket, connect, news, view } = world();
    void session.start();
    await connect();
    socket().onclose?.({ code: 1006 });
    expect(view().link?.type).toBe("waiting");
    session.retryNow();
    await connect();
    expect(sockets).toHaveLength(2);
    expect(news).toEqual(["missed"]);
  });

  it("says why it ended, stays ended, and starts again when asked", async () => {
    const { session, sockets, connect, hear, view } = world();
    void session.start();
    await connect();
    hear({ type: "state_changed", state: { type: "ended", reason: { type: "idle" } } });
    expect(view()).toMatchObject({ state: { type: "ended" }, link: { type: "closed", why: "session_ended" } });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(sockets).toHaveLength(1);
    void session.start();
    await connect();
    expect(view()).toMatchObject({ state: READY, link: { type: "connected" } });
  });

  it("gives the machine back when asked", async () => {
    const { session, connect, news } = world();
    await session.end();
    void session.start();
    await connect();
    await session.end();
    expect(news).toEqual(["end s1"]);
  });

  it("forgets terminals and run of a lost host", async () => {
    const { session, connect, hear } = world();
    void session.start();
    await connect();
    hear(
      { type: "terminal_opened", terminal: 1, size: { columns: 80, rows: 24 }, viewer: 7 },
      { type: "run_started", run: 1 },
      { type: "state_changed", state: { type: "queued" } },
    );
    expect(session.terminals.view.get().list).toEqual([]);
    expect(session.runs.view.get().phase).toBe("failed");
  });

  it("tries again until it is given a machine, and not when it is told that there is none to come back to", async () => {
    const { session, setRefuse, settle, view, connect } = world();
    setRefuse({ open: new NoAnswer("cut") });
    void session.start();
    await settle();
    expect(view().problem).toMatch(/did not answer/);
    setRefuse({ ticket: problem(404) });
    await vi.advanceTimersByTimeAsync(1_000);
    expect(view()).toMatchObject({ problem: null, link: { type: "closed", why: "session_ended" } });
    setRefuse({});
    void session.start();
    await connect();
    expect(view().link?.type).toBe("connected");
  });

  it("is told why its machine ended while it was cut off", async () => {
    const { session, socket, connect, setRefuse, view } = world();
    void session.start();
    await connect();
    setRefuse({ ticket: problem(409) });
    socket().onclose?.({ code: 1006 });
    await vi.advanceTimersByTimeAsync(3_000);
    expect(view().state).toEqual({ type: "ended", reason: { type: "idle" } });
  });

  it("hangs up on bytes that are not a frame, and comes back", async () => {
    const { session, socket, connect, view } = world();
    void session.start();
    await connect();
    const broken = socket();
    broken.onmessage?.({
      data: encodeFrame({ flow: "output", viewer: 7, terminal: 1, offset: 0, payload: new Uint8Array(0) }).buffer,
    });
    expect(broken.closed).toBe(false);
    broken.onmessage?.({ data: new ArrayBuffer(3) });
    expect(broken.closedWith).toBe(4400);
    expect(view().link?.type).toBe("waiting");
  });

  it("drops a line on which keys stay unanswered, and types them once on the next", async () => {
    const { session, sockets, hear, connect, view } = world();
    const size = { columns: 80, rows: 24 };
    const screen = { write: () => {}, restart: () => {}, putRight: () => {}, setSize: () => {} };
    const type = (text: string) => session.terminals.type(1, new TextEncoder().encode(text));
    void session.start();
    await connect();
    hear({ type: "terminal_opened", terminal: 1, size, viewer: 7 });
    session.terminals.connectScreen(1, screen);
    hear({ type: "terminal_attached", terminal: 1, offset: 0, input_offset: 0 });
    type("ls");
    hear({ type: "input_received", terminal: 1, offset: 2 });
    await vi.advanceTimersByTimeAsync(2 * ANSWER_TO_INPUT_WITHIN_MS);
    expect(sockets).toHaveLength(1);

    type(" -l");
    await vi.advanceTimersByTimeAsync(ANSWER_TO_INPUT_WITHIN_MS / 2);
    type("a");
    await vi.advanceTimersByTimeAsync(ANSWER_TO_INPUT_WITHIN_MS / 2 - 1);
    expect(sockets).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(sockets).toHaveLength(2);
    expect(sockets[0]).toMatchObject({ closed: true, typed: ["0:ls", "2: -l", "5:a"] });

    await connect();
    hear(
      { type: "terminals_listed", terminals: [{ terminal: 1, size, output_offset: 0, exited: null }], run: null },
      // " -" had arrived, only the answer had not.
      { type: "terminal_attached", terminal: 1, offset: 0, input_offset: 4 },
    );
    expect(sockets[1]?.typed).toEqual(["4:la"]);
    hear({ type: "input_received", terminal: 1, offset: 6 });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(sockets).toHaveLength(2);
    expect(view().link?.type).toBe("connected");
  });

  it("does not wait for an answer from a terminal that is gone", async () => {
    const { session, sockets, hear, connect } = world();
    const screen = { write: () => {}, restart: () => {}, putRight: () => {}, setSize: () => {} };
    void session.start();
    await connect();
    hear({ type: "terminal_opened", terminal: 1, size: { columns: 80, rows: 24 }, viewer: 7 });
    session.terminals.connectScreen(1, screen);
    hear({ type: "terminal_attached", terminal: 1, offset: 0, input_offset: 0 });
    session.terminals.type(1, new TextEncoder().encode("exit\r"));
    hear({ type: "terminal_exited", terminal: 1, status: { type: "exited", code: 0 } });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(sockets).toHaveLength(1);
  });

  it("extends the end it knows, once however often it is pressed", async () => {
    const { session, connect, news, view } = world();
    void session.start();
    await connect();
    await Promise.all([session.extend(), session.extend()]);
    expect(news).toEqual([`extend s1 at ${READY.until}`]);
    expect(view()).toMatchObject({
      state: { until: READY.until + 1800e6, extensions_left: 1 },
      extension: { type: "given", ms: 1_800_000 },
    });
  });

  it("says why there was no more time", async () => {
    const { session, connect, setRefuse, view } = world();
    void session.start();
    await connect();
    setRefuse({ extend: problem(409) });
    await session.extend();
    expect(view()).toMatchObject({ state: READY, extension: { type: "refused", why: "no" } });
  });

  it("knows how far its clock is off, and since when it is cut", async () => {
    const { session, connect, socket, view } = world();
    void session.start();
    await connect();
    expect(view()).toMatchObject({ skewMs: AHEAD_MS, cutAt: null });
    const cutAt = Date.now();
    socket().onclose?.({ code: 1006 });
    await vi.advanceTimersByTimeAsync(3_000);
    expect(view().cutAt).toBe(cutAt);
    await connect();
    expect(view().cutAt).toBeNull();
  });

  it("is silent after the page was left", async () => {
    const { session, connect, leaving, socket } = world();
    void session.start();
    await connect();
    leaving.abort();
    expect(socket().closed).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
  });
});
