// What results, endings and states are called on the screen: second person, present tense, whose turn it is. Pure, so
// that every sentence can be read in one test.
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
import type { Link } from "./connection";
import type { SaveState } from "./document";

/** A verdict's colour: green is for passed alone, amber for what is ours and not yours. */
export type Tone = "passed" | "failed" | "ours" | "neutral";

export interface Sentence {
  tone: Tone;
  /** The sentence that comes first. */
  head: string;
  /** What to do next, or what else is known. */
  more: string | null;
}

const counted = (count: number, one: string, many = `${one}s`) => `${count} ${count === 1 ? one : many}`;

export function seconds(ms: number): string {
  return ms < 950 ? `${ms} ms` : counted(Math.round(ms / 100) / 10, "second");
}

/** For columns: "12 ms", "1.3 s". */
export function shortTime(ms: number): string {
  return ms < 950 ? `${ms} ms` : `${Math.round(ms / 100) / 10} s`;
}

export function bytes(count: number): string {
  if (count < 1024) return counted(count, "byte");
  return count < 1024 * 1024 ? `${Math.round(count / 1024)} KB` : `${Math.round((count / 1024 / 1024) * 10) / 10} MB`;
}

/** "1 h 52 min", "4 min", "less than a minute". */
export function duration(ms: number): string {
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 1) return "less than a minute";
  const hours = Math.floor(minutes / 60);
  return hours === 0 ? `${minutes} min` : minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
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

const SIGNALS: Record<number, string> = {
  2: "it was interrupted",
  4: "it ran an illegal instruction",
  6: "it gave up (abort)",
  8: "it divided by zero or the like",
  9: "it was killed",
  11: "it touched memory that is not its own (segmentation fault)",
  15: "it was asked to stop",
};

const signalName = (signal: number) => SIGNALS[signal] ?? `signal ${signal} ended it`;

export function verdictSentence(verdict: Verdict): Sentence {
  const { outcome, ending, tests } = verdict;
  switch (outcome) {
    case "passed":
      return { tone: "passed", head: allPass(tests.length), more: null };
    case "failed":
      return failed(verdict);
    case "compile_error":
      return {
        tone: "failed",
        head: "Your program does not build.",
        more: "So no test could run. What the build said is below.",
      };
    case "crashed":
      return { tone: "failed", head: `${crashed(ending)} before its tests were done.`, more: someOf(tests) };
    case "timed_out":
      return {
        tone: "failed",
        head: `Your program was still running after ${limitOf(ending)}, so we stopped it.`,
        more: "Is there a loop that does not end?",
      };
    case "out_of_memory":
      return {
        tone: "failed",
        head: `Your program needed more than ${limitOf(ending)} of memory, so it was stopped.`,
        more: "Is something growing without end?",
      };
    case "output_limit":
      return {
        tone: "failed",
        head: `Your program printed more than ${limitOf(ending)}, so we stopped it.`,
        more: "Is there a loop that prints without end?",
      };
  }
}

function allPass(count: number): string {
  return count === 1 ? "The test passes." : `All ${count} tests pass.`;
}

function failed({ tests, ending }: Verdict): Sentence {
  const passed = tests.filter(test => test.status === "passed").length;
  const first = firstToRead(tests) ?? tests.find(test => test.status !== "passed");
  if (!first) {
    const head = `${passed === 0 ? "No test was run" : "Every test passes"}, but the run did not end well.`;
    return { tone: "failed", head, more: `${endingSentence(ending)} That does not count as passed.` };
  }
  const head = `${passed} of ${counted(tests.length, "test")} ${tests.length === 1 ? "passes" : "pass"}.`;
  return { tone: "failed", head, more: firstFailure(first) };
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

function firstFailure(test: TestResult): string {
  if (test.status === "missing") return `The first that is missing is “${test.name}”: the run ended before it.`;
  const does = test.status === "errored" ? "breaks" : "fails";
  const silent = test.hidden && !test.message ? " It is a hidden test, so it does not say why." : "";
  return `The first that ${does} is “${test.name}”.${silent}`;
}

function crashed(ending: Ending): string {
  if (ending.type === "signaled") return `The run ended – ${signalName(ending.signal)} –`;
  if (ending.type === "stopped") return "You stopped this run";
  return ending.type === "exited" ? `The run ended with code ${ending.code}` : "The run ended";
}

function someOf(tests: TestResult[]): string | null {
  const passed = tests.filter(test => test.status === "passed").length;
  return passed === 0 ? null : `${passed} of ${counted(tests.length, "test")} had passed by then.`;
}

function limitOf(ending: Ending): string {
  switch (ending.type) {
    case "timed_out":
      return seconds(ending.limit_ms);
    case "out_of_memory":
      return `${ending.limit_mib} MB`;
    case "output_limit":
      return bytes(ending.limit_bytes);
    default:
      return "what it may use";
  }
}

export function endingSentence(ending: Ending): string {
  switch (ending.type) {
    case "exited":
      return `It ended with code ${ending.code}.`;
    case "signaled":
      return `It ended: ${signalName(ending.signal)}.`;
    case "stopped":
      return "It was stopped.";
    default:
      return `It went over ${limitOf(ending)}.`;
  }
}

/** After a run in the learner's machine in which everything passed: what is left to do. */
export function afterPassing(hidden: number): string {
  const more = hidden === 0 ? "" : ` Handing in runs ${counted(hidden, "more test", "more tests")}.`;
  return `That was practice; hand it in to have it count.${more}`;
}

export function statusWord(status: TestStatus): string {
  const words = { passed: "passed", failed: "failed", errored: "broke", skipped: "skipped", missing: "not reached" };
  return words[status];
}

export function exitSentence(status: ExitStatus): string {
  if (status.type === "signaled") return `This shell has ended: ${signalName(status.signal)}.`;
  return status.code === 0 ? "This shell has ended." : `This shell has ended with code ${status.code}.`;
}

/** Where a hand-in has got to, once it is final. */
export function submissionSentence(state: SubmissionState): Sentence | null {
  switch (state.type) {
    case "graded":
      return verdictSentence(state.verdict);
    case "lesson_fault":
      return { tone: "ours", head: "This lesson's own tests are broken.", more: lessonFault(state.fault) };
    case "not_graded":
      return {
        tone: "ours",
        head: "We could not grade this.",
        more: `${asSentence(state.reason)} It did not count, and your work is kept. Hand in again when you like.`,
      };
    default:
      return null;
  }
}

function lessonFault(fault: LessonFault): string {
  const what = {
    no_report: "They ran, but said nothing about your work.",
    bad_report: "They ran, but what they said cannot be read.",
    unusable: "They could not be started.",
  }[fault.type];
  return `${what} That is for the lesson's author to mend, who is told. It did not count.`;
}

/** "graded: passed", for the History's list. */
export function submissionWord(state: SubmissionState): { tone: Tone; word: string } {
  switch (state.type) {
    case "queued":
      return { tone: "neutral", word: place(state.ahead) };
    case "running":
      return { tone: "neutral", word: state.attempt > 1 ? "running, once more" : "running" };
    case "graded":
      return state.verdict.outcome === "passed"
        ? { tone: "passed", word: "passed" }
        : { tone: "failed", word: outcomeWord(state.verdict) };
    case "lesson_fault":
      return { tone: "ours", word: "lesson broken, did not count" };
    case "not_graded":
      return { tone: "ours", word: "not graded, did not count" };
  }
}

function outcomeWord({ outcome, tests }: Verdict): string {
  const passed = tests.filter(test => test.status === "passed").length;
  const words = {
    passed: "passed",
    failed: `${passed} of ${tests.length} pass`,
    compile_error: "does not build",
    crashed: "ended early",
    timed_out: "took too long",
    out_of_memory: "out of memory",
    output_limit: "printed too much",
  };
  return words[outcome];
}

/** "queued, 2nd". */
export function place(ahead: number): string {
  return ahead === 0 ? "queued, next" : `queued, ${ordinal(ahead + 1)}`;
}

function ordinal(n: number): string {
  const ends = { one: "st", two: "nd", few: "rd", other: "th", zero: "th", many: "th" };
  return `${n}${ends[new Intl.PluralRules("en", { type: "ordinal" }).select(n)]}`;
}

export function saveWords(state: SaveState): string {
  const words: Record<SaveState, string> = {
    saved: "saved",
    unsaved: "saving…",
    saving: "saving…",
    retrying: "not saved – trying again",
    refused: "not saved",
    conflict: "not saved – two versions",
  };
  return words[state];
}

export interface Connected {
  link: Link | null;
  state: SessionState | null;
}

/** The status line's first words. */
export function connectionWords({ link, state }: Connected, now: number): string {
  if (state?.type === "ended" || link?.type === "closed") return "your machine is stopped";
  if (!link || link.type === "connecting") return state ? "connecting…" : "asking for a machine…";
  if (link.type === "offline") return "offline";
  if (link.type === "waiting") return `reconnecting in ${Math.max(1, Math.ceil((link.retryAt - now) / 1000))} s`;
  if (state?.type === "queued") return "waiting for a free machine";
  return state?.type === "starting" ? "starting your machine…" : "connected";
}

export function endReason(reason: EndReason): string {
  switch (reason.type) {
    case "asked":
      return "Your machine was stopped, as asked.";
    case "idle":
      return "Nobody was here for a while, so your machine was put away.";
    case "time_limit":
      return "Your machine has reached its time limit.";
    case "container_lost":
      return `Your machine died: ${asSentence(reason.detail)}`;
    case "host_fault":
      return "We could not start your machine. That is our fault; please try again.";
  }
}

/** A server's detail (lower case, no full stop) as a sentence among ours. */
function asSentence(detail: string): string {
  const text = detail.trim().replace(/^./u, first => first.toUpperCase());
  if (text === "") return "";
  return /[.!?…]$/.test(text) ? text : `${text}.`;
}
