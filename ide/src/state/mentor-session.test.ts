import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ApiProblem } from "../api/http";
import type { LiveSession, WatchState } from "../protocol/generated";
import type { Socket } from "./connection";
import { MentorSession } from "./mentor-session";

class FakeSocket implements Socket {
  binaryType = "";
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  said: { type: string }[] = [];
  send(data: string | ArrayBufferView<ArrayBuffer>) {
    if (typeof data === "string") this.said.push(JSON.parse(data));
  }
  close() {}
}

const READY = {
  type: "ready",
  since: 0,
  until: 1e15,
  idle_seconds: 600,
  extensions_left: 0,
  extension_seconds: 0,
} as const;

function world() {
  let watching: WatchState | null = null;
  let over = false;
  let revision = 1;
  const sockets: FakeSocket[] = [];
  const row = (): LiveSession => ({
    id: "s",
    workspace: "w",
    learner: "ada",
    lesson: "l",
    title: "L",
    age_seconds: 1,
    state: READY,
    watching,
  });
  const forbidden = () => new ApiProblem({ type: "", title: "", status: 403, detail: "no", request_id: "" });
  const consented = async <T>(answer: T): Promise<T> => {
    if (watching !== "allowed") throw forbidden();
    return answer;
  };
  const me = { mentor: "me", name: "me", state: "asked", present: false } as const;
  const api = {
    liveSessions: async () => ({ sessions: over ? [] : [row()], more: false }),
    watchers: async () => [],
    askToWatch: async () => {
      watching = "asked";
      return me;
    },
    endWatch: async () => {
      watching = "ended";
    },
    answerWatch: async () => {},
    session: async () => ({ id: "s", workspace: "w", state: READY }),
    ticket: () => consented({ url: "/socket", now: Date.now() * 1000 }),
    workspace: () =>
      consented({
        id: "w",
        lesson: "l",
        files: [{ path: "a.py", role: "editable", revision, size: 1 } as const],
        session: null,
        submissions: [],
      }),
    readFile: (_: string, path: string) =>
      consented({
        path,
        role: "editable" as const,
        revision,
        content: { encoding: "text", data: `text ${revision}` } as const,
        executable: false,
      }),
  };
  const leaving = new AbortController();
  const mentor = new MentorSession(
    api as unknown as ConstructorParameters<typeof MentorSession>[0],
    () => {
      const socket = new FakeSocket();
      sockets.push(socket);
      return socket;
    },
    "s",
    "me",
    "client",
    leaving.signal,
  );
  const settle = () => vi.advanceTimersByTimeAsync(0);
  return {
    mentor,
    settle,
    phase: () => mentor.view.get().phase,
    socket: () => sockets.at(-1) ?? expect.fail("nobody dialled"),
    answer: (state: WatchState) => {
      watching = state;
    },
    save: () => {
      revision += 1;
    },
    end: () => {
      over = true;
    },
  };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Allowed, connected, and told that there is a terminal. */
async function looking() {
  const told = world();
  told.answer("allowed");
  await told.mentor.load();
  await told.settle();
  told.socket().onopen?.();
  const hear = (message: object) => told.socket().onmessage?.({ data: JSON.stringify(message) });
  hear({ type: "welcome", version: 1, viewer: 2, state: READY });
  await told.settle();
  return { ...told, hear };
}

describe("looking on", () => {
  it("asks, waits for the answer, and looks as soon as it is yes", async () => {
    const { mentor, phase, answer, socket, settle } = world();
    await mentor.load();
    expect(phase()).toEqual({ type: "outside", state: null });
    await mentor.ask();
    expect(phase()).toEqual({ type: "outside", state: "asked" });
    answer("allowed");
    await vi.advanceTimersByTimeAsync(2_000);
    await settle();
    expect(phase()).toEqual({ type: "looking" });
    expect(mentor.files.get()).toMatchObject({ paths: ["a.py"], open: "a.py", file: { revision: 1 } });
    expect(socket()).toBeDefined();
  });

  it("does not wait after a no", async () => {
    const { mentor, phase, answer } = world();
    await mentor.ask();
    answer("refused");
    await vi.advanceTimersByTimeAsync(2_000);
    expect(phase()).toEqual({ type: "outside", state: "refused" });
    expect(vi.getTimerCount()).toBe(0);
  });

  it("says nothing on the socket but what those who look on may say", async () => {
    const { mentor, socket, hear } = await looking();
    hear({ type: "terminals_listed", terminals: [], run: null });
    mentor.live.get()?.terminals.open();
    void mentor.live.get()?.runs.start();
    await vi.advanceTimersByTimeAsync(10);
    expect(socket().said.map(({ type }) => type)).toEqual(["hello"]);
  });

  it("follows what the learner saves, and points at a line once", async () => {
    const { mentor, save, hear, settle, socket } = await looking();
    save();
    hear({ type: "file_changed", path: "a.py", revision: 2, removed: false, origin: { type: "container" } });
    await settle();
    expect(mentor.files.get().file?.content).toMatchObject({ data: "text 2" });
    mentor.point(3);
    mentor.point(3);
    const points = socket().said.filter(({ type }) => type === "point");
    expect(points).toEqual([
      { type: "point", place: { path: "a.py", line: 3 } },
      { type: "point", place: null },
    ]);
    expect(mentor.files.get().place).toBeNull();
  });

  it.each([
    ["the learner ends it", "ended" as const, false, 4403, { type: "outside", state: "ended" }],
    ["the session is over", "allowed" as const, true, 4410, { type: "ended" }],
  ])("shows nothing any more when %s", async (_, state, over, code, phase) => {
    const told = await looking();
    told.answer(state);
    if (over) told.end();
    told.socket().onclose?.({ code });
    await told.settle();
    expect(told.phase()).toEqual(phase);
    expect(told.mentor.live.get()).toBeNull();
    expect(told.mentor.files.get()).toMatchObject({ paths: [], file: null });
  });
});
