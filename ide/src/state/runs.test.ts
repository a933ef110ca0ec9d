import { describe, expect, it } from "vitest";
import type { SessionMessage, TestResult, Verdict, ViewerMessage } from "../protocol/generated";
import { words } from "../words/words";
import { MAX_LIVE_OUTPUT_CHARS, Runs } from "./runs";

const test = (id: string, status: TestResult["status"] = "passed"): TestResult => ({
  id,
  name: id,
  status,
  hidden: false,
});
const verdict: Verdict = {
  outcome: "failed",
  ending: { type: "exited", code: 1 },
  trust: "in_process",
  tests: [test("a"), test("b", "failed")],
  output: "bye",
  output_dropped_bytes: 0,
  duration_ms: 5,
};

function world({ ready = true, saves = true } = {}) {
  const said: ViewerMessage[] = [];
  const runs = new Runs({ say: message => said.push(message) > 0, sayBytes: () => true }, async () => saves);
  if (ready) runs.listed(null);
  const hear = (...messages: SessionMessage[]) => {
    for (const message of messages) runs.heard(message);
  };
  return { runs, said, hear, view: () => runs.view.get() };
}

describe("a run of the tests", () => {
  it("saves, runs, shows each test as it comes, and ends in a verdict", async () => {
    const { runs, said, hear, view } = world();
    await runs.start();
    expect(said).toEqual([{ type: "run_tests" }]);
    expect(view().phase).toBe("starting");
    hear(
      { type: "run_started", run: 4 },
      { type: "run_output", run: 4, stream: "stdout", text: "he" },
      { type: "run_output", run: 4, stream: "stderr", text: "llo" },
      { type: "run_output", run: 4, stream: "report", text: "<xml>" },
      { type: "test_finished", run: 4, result: test("a") },
    );
    expect(view()).toMatchObject({ phase: "running", output: "hello", tests: [test("a")] });
    hear({ type: "run_finished", run: 4, verdict });
    expect(view()).toMatchObject({ phase: "finished", verdict, tests: verdict.tests });
  });

  it("is one, however often the button is pressed", async () => {
    const { runs, said } = world();
    await Promise.all([runs.start(), runs.start()]);
    await runs.start();
    expect(said).toHaveLength(1);
  });

  it("waits for the machine when it is pressed early", async () => {
    const { runs, said, view } = world({ ready: false });
    await runs.start();
    expect(view().phase).toBe("waiting");
    runs.listed(null);
    expect(said).toEqual([{ type: "run_tests" }]);
  });

  it("does not run on text that is not saved", async () => {
    const { runs, said, view } = world({ saves: false });
    await runs.start();
    expect(said).toEqual([]);
    expect(view()).toMatchObject({ phase: "failed", problem: words.results.notSavedForRun });
  });

  it("can be stopped, and taken back before it has begun", async () => {
    const { runs, said, hear, view } = world();
    await runs.start();
    hear({ type: "run_started", run: 9 });
    runs.stop();
    expect(said.at(-1)).toEqual({ type: "stop_run", run: 9 });
    const early = world({ ready: false });
    await early.runs.start();
    early.runs.stop();
    expect(early.view().phase).toBe("none");
    expect(view().phase).toBe("running");
  });

  it("says what went wrong", async () => {
    const { runs, hear, view } = world();
    await runs.start();
    hear({ type: "run_failed", run: null, message: "The tests could not be started." });
    expect(view()).toMatchObject({ phase: "failed", problem: "The tests could not be started." });
  });

  it("survives a cut if it still runs, and says so if it does not", async () => {
    const { runs, hear, view } = world();
    await runs.start();
    hear({ type: "run_started", run: 2 });
    runs.disconnected();
    runs.listed(2);
    expect(view().phase).toBe("running");
    runs.disconnected();
    runs.listed(null);
    expect(view()).toMatchObject({ phase: "failed", problem: words.results.lostSight });
  });

  it("is taken up again when the cut swallowed its beginning", async () => {
    const { runs, said, hear, view } = world();
    await runs.start();
    runs.disconnected();
    runs.listed(5);
    expect(view()).toMatchObject({ phase: "running", run: 5 });
    hear({ type: "run_finished", run: 5, verdict });
    expect(view()).toMatchObject({ phase: "finished", verdict });
    expect(said).toHaveLength(1);
  });

  it("is asked for again when the cut swallowed the request", async () => {
    const { runs, said, view } = world();
    await runs.start();
    runs.disconnected();
    runs.listed(null);
    expect(view().phase).toBe("starting");
    expect(said).toHaveLength(2);
  });

  it("ends with its machine", async () => {
    const { runs, hear, view } = world();
    await runs.start();
    hear({ type: "run_started", run: 2 });
    runs.containerGone();
    expect(view()).toMatchObject({ phase: "failed", problem: words.results.machineGone });
  });

  it("shows a run that another tab started, and ignores one that is over", () => {
    const { runs, hear, view } = world();
    hear({ type: "run_started", run: 5 }, { type: "test_finished", run: 4, result: test("old") });
    expect(view()).toMatchObject({ phase: "running", run: 5, tests: [] });
    runs.listed(6);
    expect(view().phase).toBe("failed");
  });

  it("keeps the end of endless output", async () => {
    const { hear, view } = world();
    hear({ type: "run_started", run: 1 });
    hear({ type: "run_output", run: 1, stream: "stdout", text: "x".repeat(MAX_LIVE_OUTPUT_CHARS) });
    hear({ type: "run_output", run: 1, stream: "stdout", text: "end" });
    expect(view().output).toHaveLength(MAX_LIVE_OUTPUT_CHARS);
    expect(view()).toMatchObject({ cut: true });
    expect(view().output.endsWith("xend")).toBe(true);
  });
});
