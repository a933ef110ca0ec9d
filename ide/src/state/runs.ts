// The run of the visible tests in the learner's own container: from the press of a button to the sentence. One at a
// time. `nextRun` is pure; the class around it saves first and waits for the machine.
import type { SessionMessage, TestResult, Verdict } from "../protocol/generated";
import { words } from "../words/words";
import { Store } from "./store";
import type { Wire } from "./terminals";

/** Kept of what a run prints while it runs; the verdict brings the end of it again. */
export const MAX_LIVE_OUTPUT_CHARS = 64 * 1024;

export type RunPhase =
  | "none"
  | "saving"
  /** Pressed before the machine was there: runs as soon as it is. */
  | "waiting"
  | "starting"
  | "running"
  | "finished"
  /** It could not be done, or we lost sight of it; `problem` says why. */
  | "failed";

export interface RunView {
  phase: RunPhase;
  run: number | null;
  tests: TestResult[];
  output: string;
  /** Whether the beginning of `output` was cut off. */
  cut: boolean;
  verdict: Verdict | null;
  problem: string | null;
}

export const NO_RUN: RunView = {
  phase: "none",
  run: null,
  tests: [],
  output: "",
  cut: false,
  verdict: null,
  problem: null,
};

/** What the socket says about runs, folded into what is shown. */
export function nextRun(now: RunView, message: SessionMessage): RunView {
  if (message.type === "run_started") return { ...NO_RUN, phase: "running", run: message.run };
  if (message.type === "run_failed") {
    const concerns = message.run === null ? isUnderWay(now) : message.run === now.run;
    return concerns ? { ...now, phase: "failed", problem: message.message } : now;
  }
  if (!("run" in message) || message.type === "terminals_listed" || message.run !== now.run) return now;
  switch (message.type) {
    case "run_output":
      return message.stream === "report" ? now : withOutput(now, message.text);
    case "test_finished":
      return { ...now, tests: [...now.tests.filter(test => test.id !== message.result.id), message.result] };
    case "run_finished":
      return { ...now, phase: "finished", verdict: message.verdict, tests: message.verdict.tests };
  }
}

function withOutput(now: RunView, text: string): RunView {
  const output = now.output + text;
  const over = output.length > MAX_LIVE_OUTPUT_CHARS;
  return { ...now, output: over ? output.slice(-MAX_LIVE_OUTPUT_CHARS) : output, cut: now.cut || over };
}

export function isUnderWay({ phase }: RunView): boolean {
  return phase === "saving" || phase === "waiting" || phase === "starting" || phase === "running";
}

export class Runs {
  readonly view = new Store<RunView>(NO_RUN);
  private ready = false;

  constructor(
    private readonly wire: Wire,
    private readonly saveAll: () => Promise<boolean>,
  ) {}

  /** Saves everything and runs the tests; a second press while one is under way does nothing. */
  start = async (): Promise<void> => {
    if (isUnderWay(this.view.get())) return;
    this.view.set({ ...NO_RUN, phase: "saving" });
    const saved = await this.saveAll();
    if (this.view.get().phase !== "saving") return;
    if (!saved) this.view.set({ ...NO_RUN, phase: "failed", problem: words.results.notSavedForRun });
    else this.request();
  };

  stop = (): void => {
    const { phase, run } = this.view.get();
    if (phase === "running" && run !== null) this.wire.say({ type: "stop_run", run });
    else if (isUnderWay(this.view.get())) this.view.set(NO_RUN);
  };

  heard(message: SessionMessage): void {
    this.view.update(now => nextRun(now, message));
  }

  /** The machine is reachable; `run` is the run in flight there. */
  listed(run: number | null): void {
    this.ready = true;
    const now = this.view.get();
    if (now.phase === "waiting") return this.request();
    if (now.phase === "running" && now.run !== run) this.fail(words.results.lostSight);
    else if (now.phase === "starting" && run === null) this.request();
    // Ours whose start was said into the cut, or another tab's.
    else if (run !== null && (now.phase === "starting" || !isUnderWay(now))) this.adopt(run);
  }

  disconnected(): void {
    this.ready = false;
  }

  containerGone(): void {
    this.ready = false;
    const { phase } = this.view.get();
    if (phase === "running" || phase === "starting") this.fail(words.results.machineGone);
  }

  refused(reason: string): void {
    if (this.view.get().phase === "starting") this.fail(reason);
  }

  private request(): void {
    const sent = this.ready && this.wire.say({ type: "run_tests" });
    this.view.set({ ...NO_RUN, phase: sent ? "starting" : "waiting" });
  }

  private adopt(run: number): void {
    this.view.set({ ...NO_RUN, phase: "running", run });
  }

  private fail(problem: string): void {
    this.view.update(now => ({ ...now, phase: "failed", problem }));
  }
}
