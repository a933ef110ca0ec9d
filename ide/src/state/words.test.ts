// Every sentence a learner can read about a result, side by side.
import { describe, expect, it } from "vitest";
import type { Ending, Outcome, SubmissionState, TestResult, TestStatus, Verdict } from "../protocol/generated";
import { connectionWords, inReadingOrder, place, submissionSentence, submissionWord, verdictSentence } from "./words";

const OK: Ending = { type: "exited", code: 0 };
const tests = (...statuses: TestStatus[]): TestResult[] =>
  statuses.map((status, at) => ({ id: `t${at}`, name: `test ${at + 1}`, status, hidden: false }));
const verdict = (outcome: Outcome, ending: Ending = OK, of: TestResult[] = []): Verdict => ({
  outcome,
  ending,
  tests: of,
  trust: "in_process",
  output: "",
  output_dropped_bytes: 0,
  duration_ms: 1,
});

describe("a verdict", () => {
  const rows: [Verdict, string][] = [
    [verdict("passed", OK, tests("passed", "passed")), "All 2 tests pass."],
    [verdict("passed", OK, tests("passed")), "The test passes."],
    [
      verdict("failed", { type: "exited", code: 1 }, tests("passed", "failed", "errored")),
      "1 of 3 tests pass. The first that fails is “test 2”.",
    ],
    [verdict("failed", OK, tests("errored")), "0 of 1 test passes. The first that breaks is “test 1”."],
    [
      verdict("failed", OK, tests("passed", "missing")),
      "1 of 2 tests pass. The first that is missing is “test 2”: the run ended before it.",
    ],
    [
      verdict("failed", { type: "exited", code: 1 }, [{ id: "h", name: "ties", status: "failed", hidden: true }]),
      "0 of 1 test passes. The first that fails is “ties”. It is a hidden test, so it does not say why.",
    ],
    [
      verdict("failed", { type: "exited", code: 2 }, tests("missing", "missing", "errored")),
      "0 of 3 tests pass. The first that breaks is “test 3”.",
    ],
    [
      verdict("failed", { type: "exited", code: 7 }, tests("passed")),
      "Every test passes, but the run did not end well. It ended with code 7. That does not count as passed.",
    ],
    [
      verdict("compile_error", { type: "exited", code: 2 }),
      "Your program does not build. So no test could run. What the build said is below.",
    ],
    [
      verdict("crashed", { type: "signaled", signal: 11 }, tests("passed", "missing")),
      "The run ended – it touched memory that is not its own (segmentation fault) – before its tests were done. 1 of 2 tests had passed by then.",
    ],
    [verdict("crashed", { type: "exited", code: 3 }), "The run ended with code 3 before its tests were done."],
    [verdict("crashed", { type: "stopped" }), "You stopped this run before its tests were done."],
    [
      verdict("timed_out", { type: "timed_out", limit_ms: 10_000 }),
      "Your program was still running after 10 seconds, so we stopped it. Is there a loop that does not end?",
    ],
    [
      verdict("out_of_memory", { type: "out_of_memory", limit_mib: 256 }),
      "Your program needed more than 256 MB of memory, so it was stopped. Is something growing without end?",
    ],
    [
      verdict("output_limit", { type: "output_limit", limit_bytes: 1024 * 1024 }),
      "Your program printed more than 1 MB, so we stopped it. Is there a loop that prints without end?",
    ],
  ];

  it.each(rows.map(([given, sentence]) => [sentence, given] as const))("reads: %s", (sentence, given) => {
    const { head, more } = verdictSentence(given);
    expect([head, more].filter(Boolean).join(" ")).toBe(sentence);
  });

  it("is green when passed, and only then", () => {
    for (const [given] of rows) expect(verdictSentence(given).tone === "passed").toBe(given.outcome === "passed");
  });
});

it("lists tests that were not reached last", () => {
  const names = inReadingOrder(tests("missing", "passed", "missing", "errored")).map(test => test.name);
  expect(names).toEqual(["test 2", "test 4", "test 1", "test 3"]);
});

describe("a hand-in", () => {
  const rows: [SubmissionState, string, string][] = [
    [{ type: "queued", ahead: 0, failed_attempts: 0 }, "neutral", "queued, next"],
    [{ type: "queued", ahead: 1, failed_attempts: 0 }, "neutral", "queued, 2nd"],
    [{ type: "running", attempt: 1 }, "neutral", "running"],
    [{ type: "running", attempt: 2 }, "neutral", "running, once more"],
    [{ type: "graded", verdict: verdict("passed"), graded_at: 0 }, "passed", "passed"],
    [{ type: "graded", verdict: verdict("timed_out"), graded_at: 0 }, "failed", "took too long"],
    [{ type: "lesson_fault", fault: { type: "no_report", detail: "" } }, "ours", "lesson broken, did not count"],
    [{ type: "not_graded", reason: "" }, "ours", "not graded, did not count"],
  ];

  it.each(rows)("%o is %s: %s", (state, tone, word) => {
    expect(submissionWord(state)).toEqual({ tone, word });
  });

  it("that did not count says so, and whose it is", () => {
    const ours = submissionSentence({ type: "not_graded", reason: "the container was lost" });
    expect(ours).toEqual({
      tone: "ours",
      head: "We could not grade this.",
      more: "The container was lost. It did not count, and your work is kept. Hand in again when you like.",
    });
    expect(submissionSentence({ type: "lesson_fault", fault: { type: "bad_report", detail: "x" } })?.more).toMatch(
      /author.*did not count/,
    );
    expect(submissionSentence({ type: "running", attempt: 1 })).toBeNull();
  });

  it("knows its place", () => {
    expect([0, 1, 2, 3, 10, 20].map(place)).toEqual([
      "queued, next",
      "queued, 2nd",
      "queued, 3rd",
      "queued, 4th",
      "queued, 11th",
      "queued, 21st",
    ]);
  });
});

it("says how the connection is", () => {
  const ready = {
    type: "ready",
    since: 0,
    until: 0,
    idle_seconds: 1,
    extensions_left: 0,
    extension_seconds: 0,
  } as const;
  expect(connectionWords({ link: { type: "connected" }, state: ready }, 0)).toBe("connected");
  expect(connectionWords({ link: { type: "waiting", retryAt: 2_100 }, state: ready }, 0)).toBe("reconnecting in 3 s");
  expect(connectionWords({ link: { type: "waiting", retryAt: 500 }, state: ready }, 0)).toBe("connecting…");
  expect(connectionWords({ link: { type: "offline" }, state: ready }, 0)).toBe("offline");
  expect(connectionWords({ link: { type: "connected" }, state: { type: "queued" } }, 0)).toBe(
    "waiting for a free machine",
  );
});
