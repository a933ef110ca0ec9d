import { describe, expect, it } from "vitest";
import type { SessionState } from "../protocol/generated";
import { countdown, lookAgainMs, type Timed, timeLeft, WARN_MS, warning } from "./time-left";

const MINUTE = 60_000;
/** Ready until minute 180 of the server's clock. */
const ready = (more: object = {}): SessionState => ({
  type: "ready",
  since: 0,
  until: 180 * MINUTE * 1000,
  idle_seconds: 600,
  extensions_left: 2,
  extension_seconds: 1800,
  ...more,
});
const timed = (more: Partial<Timed> = {}): Timed => ({ state: ready(), skewMs: 0, cutAt: null, ...more });

describe("the time a machine still has", () => {
  it.each([
    ["connected, the limit counts", timed(), 60, 120, "limit"],
    ["this clock is an hour behind the server's", timed({ skewMs: 60 * MINUTE }), 60, 60, "limit"],
    ["this clock is a day ahead", timed({ skewMs: -1440 * MINUTE }), 1440, 180, "limit"],
    ["cut, it is kept for ten minutes", timed({ cutAt: 60 * MINUTE }), 63, 7, "idle"],
    ["cut near the limit, the limit is first", timed({ cutAt: 178 * MINUTE }), 179, 1, "limit"],
    ["never less than nothing", timed(), 200, 0, "limit"],
  ])("%s", (_, given, nowMinute, leftMinutes, by) => {
    expect(timeLeft(given, nowMinute * MINUTE)).toMatchObject({ leftMs: leftMinutes * MINUTE, by });
  });

  it("is nothing where no machine runs", () => {
    for (const state of [null, { type: "queued" }, { type: "starting" }] as const) {
      expect(timeLeft(timed({ state }), 0)).toBeNull();
    }
  });

  it("is said two minutes ahead, and no sooner", () => {
    expect(warning(timed(), 178 * MINUTE - 1)).toBeNull();
    expect(warning(timed(), 178 * MINUTE)).toMatchObject({ leftMs: WARN_MS, extensionMs: 30 * MINUTE });
    expect(warning(timed({ state: ready({ extensions_left: 0 }) }), 179 * MINUTE)).toMatchObject({ extensionMs: 0 });
    expect(warning(timed({ cutAt: 0 }), 8 * MINUTE)).toMatchObject({ by: "idle", extensionMs: 0 });
  });

  it("is looked at every second only near the end", () => {
    expect(lookAgainMs(timeLeft(timed(), 0))).toBe(15_000);
    expect(lookAgainMs(timeLeft(timed(), 178 * MINUTE))).toBe(1_000);
    expect(lookAgainMs(null)).toBe(15_000);
  });

  it("is written as people count down", () => {
    expect([120_000, 100_000, 59_001, 9_000, 1, 0].map(countdown)).toEqual([
      "2:00",
      "1:40",
      "1:00",
      "0:09",
      "0:01",
      "0:00",
    ]);
  });
});
