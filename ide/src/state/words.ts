// Which sentence fits a result, an ending, a state: what it says stands in the catalogues. Pure, so that every sentence
// can be read in one test.
import type {
  Ending,
  EndReason,
  ExitStatus,
  LessonFault,
  SessionState,
  SubmissionState,
  TestResult,
  TestStatus,
  Verdict,
} from "../protocol/generated";
import { words } from "../words/words";
import type { Link } from "./connection";

/** A verdict's colour: green is for passed alone, amber for what is ours and not yours. */
export type Tone = "passed" | "failed" | "ours" | "neutral";

export interface Sentence {
  tone: Tone;
  /** The sentence that comes first. */
  head: string;
  /** What to do next, or what else is known. */
  more: string | null;
}

const LANGUAGES: Record<string, string> = {
  python: "Python",
  javascript: "JavaScript",
  typescript: "TypeScript",
  shell: "Shell",
  c: "C",
  cpp: "C++",
  sql: "SQL",
};

/** A language as people write it. */
export function languageName(language: string): string {
  return LANGUAGES[language] ?? language;
}

const signalName = (signal: number) => words.results.signals[signal] ?? words.results.otherSignal(signal);

const join = (...sentences: (string | null)[]) => sentences.filter(Boolean).join(" ");

export function verdictSentence(verdict: Verdict): Sentence {
  const { outcome, ending, tests } = verdict;
  const said = words.results;
  switch (outcome) {
    case "passed":
      return { tone: "passed", head: said.allPass(tests.length), more: null };
    case "failed":
      return failed(verdict);
    case "compile_error":
      return { tone: "failed", head: said.doesNotBuild, more: said.doesNotBuildMore };
    case "crashed":
      return { tone: "failed", head: crashed(ending), more: someOf(tests) };
    case "timed_out":
      return { tone: "failed", head: said.timedOut(limitOf(ending)), more: said.timedOutMore };
    case "out_of_memory":
      return { tone: "failed", head: said.outOfMemory(limitOf(ending)), more: said.outOfMemoryMore };
    case "output_limit":
      return { tone: "failed", head: said.outputLimit(limitOf(ending)), more: said.outputLimitMore };
  }
}

function failed({ tests, ending }: Verdict): Sentence {
  const passed = countPassed(tests);
  const first = firstToRead(tests) ?? tests.find(test => test.status !== "passed");
  if (!first) {
    const head = passed === 0 ? words.results.noneRun : words.results.allPassButEndedBadly;
    return { tone: "failed", head, more: join(endingSentence(ending), words.results.notCountedAsPassed) };
  }
  return { tone: "failed", head: words.results.somePass(passed, tests.length), more: firstFailure(first) };
}

function countPassed(tests: readonly TestResult[]): number {
  return tests.filter(test => test.status === "passed").length;
}

/** The test to look at first: one that says what is wrong, before one that was merely not reached because of it. */
export function firstToRead(tests: readonly TestResult[]): TestResult | undefined {
  return (
    tests.find(({ status }) => status === "failed" || status === "errored") ??
    tests.find(({ status }) => status === "missing")
  );
}

/** In their order, but for those that were not reached: they have nothing to say, and go last. */
export function inReadingOrder(tests: readonly TestResult[]): TestResult[] {
  const missing = (test: TestResult) => Number(test.status === "missing");
  return [...tests].sort((a, b) => missing(a) - missing(b));
}

function firstFailure({ status, name, hidden, message }: TestResult): string {
  const { firstMissing, firstBreaks, firstFails, hiddenSaysNothing } = words.results;
  if (status === "missing") return firstMissing(name);
  const does = status === "errored" ? firstBreaks(name) : firstFails(name);
  return join(does, hidden && !message ? hiddenSaysNothing : null);
}

function crashed(ending: Ending): string {
  switch (ending.type) {
    case "signaled":
      return words.results.crashedSignal(signalName(ending.signal));
    case "stopped":
      return words.results.crashedStopped;
    case "exited":
      return words.results.crashedCode(ending.code);
    default:
      return words.results.crashed;
  }
}

function someOf(tests: TestResult[]): string | null {
  const passed = countPassed(tests);
  return passed === 0 ? null : words.results.somePassedByThen(passed, tests.length);
}

const BYTES_PER_MIB = 1024 * 1024;

function limitOf(ending: Ending): string {
  switch (ending.type) {
    case "timed_out":
      return words.format.longTime(ending.limit_ms);
    case "out_of_memory":
      return words.format.bytes(ending.limit_mib * BYTES_PER_MIB);
    case "output_limit":
      return words.format.bytes(ending.limit_bytes);
    default:
      return words.results.whatItMayUse;
  }
}

export function endingSentence(ending: Ending): string {
  switch (ending.type) {
    case "exited":
      return words.results.endedWithCode(ending.code);
    case "signaled":
      return words.results.endedBySignal(signalName(ending.signal));
    case "stopped":
      return words.results.wasStopped;
    default:
      return words.results.wentOver(limitOf(ending));
  }
}

/** After a run in the learner's machine in which everything passed: what is left to do. */
export function afterPassing(hidden: number): string {
  return join(words.results.afterPassing, hidden === 0 ? null : words.results.handingInRuns(hidden));
}

export function statusWord(status: TestStatus): string {
  return words.results.status[status];
}

export function exitSentence(status: ExitStatus): string {
  if (status.type === "signaled") return words.terminal.endedBySignal(signalName(status.signal));
  return status.code === 0 ? words.terminal.ended : words.terminal.endedWithCode(status.code);
}

/** Where a hand-in has got to, once it is final. */
export function submissionSentence(state: SubmissionState): Sentence | null {
  switch (state.type) {
    case "graded":
      return verdictSentence(state.verdict);
    case "lesson_fault":
      return { tone: "ours", head: words.results.lessonFault, more: lessonFault(state.fault) };
    case "not_graded":
      return {
        tone: "ours",
        head: words.results.couldNotGrade,
        more: join(asSentence(state.reason), words.results.couldNotGradeMore),
      };
    default:
      return null;
  }
}

function lessonFault(fault: LessonFault): string {
  return join(words.results.lessonFaultMore[fault.type], words.results.lessonFaultWhose);
}

/** "graded: passed", for the History's list. */
export function submissionWord(state: SubmissionState): { tone: Tone; word: string } {
  switch (state.type) {
    case "queued":
      return { tone: "neutral", word: place(state.ahead) };
    case "running":
      return { tone: "neutral", word: state.attempt > 1 ? words.results.runningAgain : words.results.way.running };
    case "graded":
      return { tone: state.verdict.outcome === "passed" ? "passed" : "failed", word: outcomeWord(state.verdict) };
    case "lesson_fault":
      return { tone: "ours", word: words.results.lessonBroken };
    case "not_graded":
      return { tone: "ours", word: words.results.notGraded };
  }
}

function outcomeWord({ outcome, tests }: Verdict): string {
  return outcome === "failed" ? words.results.passOf(countPassed(tests), tests.length) : words.results.outcome[outcome];
}

/** "queued, 2nd". */
export function place(ahead: number): string {
  return ahead === 0 ? words.results.queuedNext : words.results.queuedAt(ahead + 1);
}

export interface Connected {
  link: Link | null;
  state: SessionState | null;
}

/** The status line's first words. */
export function connectionWords({ link, state }: Connected, now: number): string {
  const said = words.session;
  if (state?.type === "ended" || link?.type === "closed") return said.stopped;
  if (!link || link.type === "connecting") return state ? said.connecting : said.asking;
  if (link.type === "offline") return said.offline;
  if (link.type === "waiting") {
    // The first try comes within half a second – an instance that made way for another – and is over before it is read.
    const leftMs = link.retryAt - now;
    return leftMs < 600 ? said.connecting : said.reconnectingIn(Math.max(1, Math.ceil(leftMs / 1000)));
  }
  if (state?.type === "queued") return said.queued;
  return state?.type === "starting" ? said.starting : said.connected;
}

export function endReason(reason: EndReason): string {
  return reason.type === "container_lost"
    ? words.session.died(asSentence(reason.detail))
    : words.session.ended[reason.type];
}

/** A server's detail (lower case, no full stop) as a sentence among ours. */
function asSentence(detail: string): string {
  const text = detail.trim().replace(/^./u, first => first.toUpperCase());
  if (text === "") return "";
  return /[.!?…]$/.test(text) ? text : `${text}.`;
}
