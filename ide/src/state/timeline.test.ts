import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { NoAnswer } from "../api/http";
import type { PastEntry, Timeline, TimelineEntry } from "../protocol/generated";
import { byDay, idOf, type Past, pastOf, RENEW_AFTER_MS, WorkspaceTimeline } from "./timeline";

const saved = (save: number): TimelineEntry => ({
  type: "saved",
  save,
  since: save,
  at: save * 1_000_000,
  changes: [],
});
const HAND_IN = "01a1fed8-4e9d-71d6-9990-6f4bb4db26f2";
const handedIn = (save: number): TimelineEntry => ({
  type: "handed_in",
  submission: HAND_IN,
  save,
  at: save,
  result: { type: "waiting" },
});
const PAGE = 3;

/** A server with saves up to `newest`, three to a page. */
function world(newest = 8) {
  const server = { newest, down: false, files: [] as PastEntry[], asked: [] as Past[] };
  const api = {
    async timeline(_workspace: string, before: number | null): Promise<Timeline> {
      if (server.down) throw new NoAnswer("cut");
      const from = (before ?? server.newest + 1) - 1;
      const saves = Array.from({ length: from }, (_, n) => from - n).slice(0, PAGE);
      const older = saves.at(-1) === 1 || saves.length === 0 ? null : (saves.at(-1) ?? null);
      return { entries: saves.map(saved), older, forgotten: false };
    },
    async pastFiles(_workspace: string, past: Past) {
      server.asked.push(past);
      return { files: server.files };
    },
    pastFile: async () => expect.fail("nobody asks"),
  };
  const timeline = new WorkspaceTimeline(api, "w", new AbortController().signal);
  const shown = () => timeline.view.get().entries?.map(({ save }) => save);
  return { server, timeline, shown };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("the timeline", () => {
  it("grows by pages to the beginning", async () => {
    const { timeline, shown } = world();
    await timeline.load();
    expect(shown()).toEqual([8, 7, 6]);
    await timeline.more();
    await timeline.more();
    expect(shown()).toEqual([8, 7, 6, 5, 4, 3, 2, 1]);
    expect(timeline.view.get().older).toBeNull();
    await timeline.more();
    expect(shown()).toHaveLength(8);
  });

  it("shows what is new in front, and keeps the older pages", async () => {
    const { server, timeline, shown } = world();
    await timeline.load();
    await timeline.more();
    server.newest = 9;
    timeline.renew();
    timeline.renew();
    await vi.advanceTimersByTimeAsync(RENEW_AFTER_MS);
    expect(shown()).toEqual([9, 8, 7, 6, 5, 4, 3]);
    await timeline.more();
    expect(shown()).toEqual([9, 8, 7, 6, 5, 4, 3, 2, 1]);
  });

  it("says when it cannot be had, and keeps what it has", async () => {
    const { server, timeline, shown } = world();
    await timeline.load();
    server.down = true;
    await timeline.load();
    expect(timeline.view.get().problem).not.toBeNull();
    expect(shown()).toEqual([8, 7, 6]);
    server.down = false;
    await timeline.load();
    expect(timeline.view.get().problem).toBeNull();
  });

  it("opens one entry at a time, with the files that differ", async () => {
    const { server, timeline } = world();
    server.files = [
      { path: "a", compared: "same" },
      { path: "b", compared: "different" },
      { path: "c", compared: "only_now" },
    ];
    timeline.toggle("7");
    expect(timeline.open.get()).toEqual({ id: "7", files: null, problem: null });
    await vi.advanceTimersByTimeAsync(0);
    expect(timeline.open.get()?.files?.map(({ path }) => path)).toEqual(["b", "c"]);
    timeline.toggle(HAND_IN);
    await vi.advanceTimersByTimeAsync(0);
    expect(
      timeline.open.get()?.files?.map(({ path }) => path),
      "not handed in, left alone",
    ).toEqual(["b"]);
    expect(server.asked.at(-1)).toEqual({ type: "submission", submission: HAND_IN });
    timeline.toggle(HAND_IN);
    expect(timeline.open.get()).toBeNull();
  });

  it("names its entries so that they can be asked for", () => {
    expect(pastOf(idOf(saved(12)))).toEqual({ type: "save", save: 12 });
    expect(pastOf(idOf(handedIn(12)))).toEqual({ type: "submission", submission: HAND_IN });
  });

  it("is told day by day", () => {
    const days = byDay([saved(9), saved(8), saved(3)], at => (at.getTime() >= 8_000 ? "today" : "yesterday"));
    expect(days.map(([day, entries]) => [day, entries.length])).toEqual([
      ["today", 2],
      ["yesterday", 1],
    ]);
  });
});
