import { describe, expect, it } from "vitest";
import type { Submission, SubmissionState, Verdict } from "../protocol/generated";
import { announce, announcement, handInNews, runNews } from "./announcements";
import { NO_RUN } from "./runs";

const verdict: Verdict = {
  outcome: "passed",
  ending: { type: "exited", code: 0 },
  tests: [{ id: "a", name: "adds", status: "passed", hidden: false }],
  trust: "in_process",
  output: "",
  output_dropped_bytes: 0,
  duration_ms: 1,
};
const handIn = (id: string, state: SubmissionState) => ({ id, state, submitted_at: 0 }) as Submission;
const queued = handIn("a", { type: "queued", ahead: 1, failed_attempts: 0 });

describe("what is read out", () => {
  it("of a run: that it runs, and what came of it, once", () => {
    const running = { ...NO_RUN, phase: "running" as const, run: 1 };
    const finished = { ...running, phase: "finished" as const, verdict };
    expect(runNews(NO_RUN, running)).toBe("Running…");
    expect(runNews(running, { ...running, output: "x" })).toBeNull();
    expect(runNews(running, finished)).toBe("The test passes.");
    expect(runNews(finished, finished)).toBeNull();
    expect(runNews(running, { ...running, phase: "failed", problem: "It stopped." })).toMatch(/It stopped\.$/);
  });

  it("of a hand-in: each step of its way, and not those of long ago", () => {
    expect(handInNews([], [queued])).toBe("Your hand-in: queued, 2nd");
    expect(handInNews([queued], [queued])).toBeNull();
    expect(handInNews([queued], [handIn("a", { type: "graded", verdict, graded_at: 0 })])).toBe("The test passes.");
    expect(handInNews([], [handIn("b", { type: "graded", verdict, graded_at: 0 })])).toBeNull();
  });

  it("twice the same is twice news", () => {
    announce("saved");
    const first = announcement.get();
    announce("saved");
    expect(announcement.get()).not.toBe(first);
    expect(announcement.get().trim()).toBe(first);
  });
});
