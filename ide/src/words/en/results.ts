import { format } from "./format";

const TESTS = { one: "test", other: "tests" };
const ORDINAL_ENDS = { one: "st", two: "nd", few: "rd", other: "th" };
const { counted, ordinal, plural } = format;

/** What a run and a hand-in came to, and where they are on the way. */
export const results = {
  // A verdict, first as a sentence.
  allPass: (count: number) => (count === 1 ? "The test passes." : `All ${count} tests pass.`),
  somePass: (passed: number, of: number) =>
    `${passed} of ${counted(of, TESTS)} ${plural(of, { one: "passes", other: "pass" })}.`,
  firstFails: (name: string) => `The first that fails is “${name}”.`,
  firstBreaks: (name: string) => `The first that breaks is “${name}”.`,
  firstMissing: (name: string) => `The first that is missing is “${name}”: the run ended before it.`,
  hiddenSaysNothing: "It is a hidden test, so it does not say why.",
  noneRun: "No test was run, but the run did not end well.",
  allPassButEndedBadly: "Every test passes, but the run did not end well.",
  notCountedAsPassed: "That does not count as passed.",
  doesNotBuild: "Your program does not build.",
  doesNotBuildMore: "So no test could run. What the build said is below.",
  crashedSignal: (signal: string) => `The run ended – ${signal} – before its tests were done.`,
  crashedCode: (code: number) => `The run ended with code ${code} before its tests were done.`,
  crashedStopped: "You stopped this run before its tests were done.",
  crashed: "The run ended before its tests were done.",
  somePassedByThen: (passed: number, of: number) => `${passed} of ${counted(of, TESTS)} had passed by then.`,
  timedOut: (limit: string) => `Your program was still running after ${limit}, so we stopped it.`,
  timedOutMore: "Is there a loop that does not end?",
  outOfMemory: (limit: string) => `Your program needed more than ${limit} of memory, so it was stopped.`,
  outOfMemoryMore: "Is something growing without end?",
  outputLimit: (limit: string) => `Your program printed more than ${limit}, so we stopped it.`,
  outputLimitMore: "Is there a loop that prints without end?",
  whatItMayUse: "what it may use",

  // How a program ended.
  signals: {
    2: "it was interrupted",
    4: "it ran an illegal instruction",
    6: "it gave up (abort)",
    8: "it divided by zero or the like",
    9: "it was killed",
    11: "it touched memory that is not its own (segmentation fault)",
    15: "it was asked to stop",
  } as Record<number, string>,
  otherSignal: (signal: number) => `signal ${signal} ended it`,
  endedWithCode: (code: number) => `It ended with code ${code}.`,
  endedBySignal: (signal: string) => `It ended: ${signal}.`,
  wasStopped: "It was stopped.",
  wentOver: (limit: string) => `It went over ${limit}.`,

  afterPassing: "That was practice; hand it in to have it count.",
  handingInRuns: (hidden: number) => `Handing in runs ${counted(hidden, { one: "more test", other: "more tests" })}.`,

  // One test.
  status: {
    passed: "passed",
    failed: "failed",
    errored: "broke",
    skipped: "skipped",
    missing: "not reached",
  },
  hidden: "hidden",
  tests: "Tests",
  expected: "Expected",
  got: "Got",
  programPrinted: "Your program printed",
  runPrinted: "What the run printed",
  buildSaid: "What the build said",
  firstNotShown: (size: string) => `The first ${size} are not shown.`,
  beginningNotShown: "The beginning is not shown.",

  // The run in the learner's machine.
  noRun: (visible: number) =>
    `Run the ${counted(visible, TESTS)} below as often as you like: that is practice and counts for nothing. Open a test to read what it asks.`,
  testsToRead: "Tests you can read",
  hiddenTests: (hidden: number) =>
    `Handing in runs ${counted(hidden, { one: "more test", other: "more tests" })}, which ${plural(hidden, { one: "stays", other: "stay" })} hidden.`,
  readTest: (path: string, line: number) => `Read this test: ${path}, line ${line}`,
  openAt: (path: string, line: number) => `Open ${path} at line ${line}`,
  // How far a verdict can be believed.
  trust: {
    isolated: "The tests ran on a machine of their own, out of reach of your program.",
    in_process: "The tests ran on the same machine as your program.",
  },
  runInYourMachine: "Run in your machine",
  didNotRunToTheEnd: "The tests did not run to the end.",
  savingFiles: "Saving your files…",
  waitingForMachine: "Waiting for your machine; the tests start as soon as it is there.",
  startingTests: "Starting the tests…",
  running: "Running…",
  runningDone: (done: number, of: number) => `Running… ${done} of ${of} done.`,
  notSavedForRun: "Your last changes are not saved, so the tests would run on older text. See the line at the top.",
  lostSight: "The connection was cut and the run ended meanwhile. Run the tests again to see the result.",
  machineGone: "Your machine stopped while the tests ran. Run them again once there is a new one.",

  // A hand-in: four words on its way, one when it is there.
  handedIn: "Handed in",
  yourHandIn: "Your hand-in:",
  notHandedIn: "This was not handed in.",
  notSavedForHandIn: "Your last changes are not saved, so they would not be handed in. See the line at the top.",
  way: { saving: "saving", saved: "saved", queued: "queued", running: "running", graded: "graded" },
  noAnswerRetrying: "the server does not answer, trying again",
  queuedNext: "queued, next",
  queuedAt: (place: number) => `queued, ${ordinal(place, ORDINAL_ENDS)}`,
  runningAgain: "running, once more",
  triedAgain:
    "Our server could not finish grading this. That is our fault and did not count; we are trying again, and you have nothing to do.",
  outcome: {
    passed: "passed",
    compile_error: "does not build",
    crashed: "ended early",
    timed_out: "took too long",
    out_of_memory: "out of memory",
    output_limit: "printed too much",
  },
  passOf: (passed: number, of: number) => `${passed} of ${of} pass`,
  lessonBroken: "lesson broken, did not count",
  notGraded: "not graded, did not count",
  lessonFault: "This lesson's own tests are broken.",
  lessonFaultMore: {
    no_report: "They ran, but said nothing about your work.",
    bad_report: "They ran, but what they said cannot be read.",
    unusable: "They could not be started.",
  },
  lessonFaultWhose: "That is for the lesson's author to mend, who is told. It did not count.",
  couldNotGrade: "We could not grade this.",
  couldNotGradeMore: "It did not count, and your work is kept. Hand in again when you like.",

  noHandIns: "What you hand in is listed here with its result. Press “Hand in” when you think it is right.",
  handIns: "Hand-ins",

  // Onward.
  nextLesson: "Next lesson",
  lastOfCourse: (course: string) => `That was the last lesson of ${course}.`,
};
