// What the tests say: the sentence first, then a line per test, the first failure open. Shows the run in the learner's
// machine or one hand-in.
import type { LessonDetail, Submission, Verdict as VerdictOfRun, VisibleTest } from "../protocol/generated";
import { isUnderWay, type RunView } from "../state/runs";
import { solutionWords } from "../state/solution";
import { isFinal } from "../state/submissions";
import { afterPassing, type Sentence, submissionSentence, verdictSentence } from "../state/words";
import type { Desk, Workbench } from "../state/workbench";
import { useStore } from "../ui/use-store";
import { words } from "../words/words";
import { HandInLine } from "./hand-in-line";
import { Onward } from "./onward";
import { WithPlaces } from "./places";
import { Output, TestList } from "./test-list";
import { TestsToRead } from "./test-source";

export default function TestsPane({ bench }: { bench: Workbench }) {
  const { desk, lesson } = useStore(bench.view);
  const { result } = useStore(bench.front);
  if (!desk || !lesson) return <p className="reading muted">{words.lesson.fetching}</p>;
  return (
    <WithPlaces bench={bench} desk={desk}>
      <div className="results">
        {result === "run" ? (
          <RunResult desk={desk} lesson={lesson} />
        ) : (
          <HandInResult bench={bench} desk={desk} lesson={lesson} id={result} />
        )}
      </div>
    </WithPlaces>
  );
}

function RunResult({ desk, lesson }: { desk: Desk; lesson: LessonDetail }) {
  const run = useStore(desk.session.runs.view);
  const { hidden } = lesson.tests;
  const visible = lesson.tests.visible.length;
  if (run.phase === "none") {
    return (
      <>
        <p className="empty">{words.results.noRun(visible)}</p>
        <TestsToRead tests={lesson.tests} />
      </>
    );
  }
  return (
    <>
      <p className="eyebrow">{words.results.runInYourMachine}</p>
      {run.verdict ? (
        <Verdict sentence={runSentence(run.verdict, hidden)} />
      ) : (
        <RunProgress run={run} expected={visible} />
      )}
      {run.verdict ? (
        <Details verdict={run.verdict} visible={lesson.tests.visible} />
      ) : (
        <>
          <TestList tests={run.tests} visible={lesson.tests.visible} done={false} />
          <Output text={run.output} dropped={run.cut ? -1 : 0} open />
        </>
      )}
    </>
  );
}

function runSentence(verdict: VerdictOfRun, hidden: number): Sentence {
  const sentence = verdictSentence(verdict);
  return verdict.outcome === "passed" ? { ...sentence, more: afterPassing(hidden) } : sentence;
}

function RunProgress({ run, expected }: { run: RunView; expected: number }) {
  if (run.problem)
    return <Verdict sentence={{ tone: "ours", head: words.results.didNotRunToTheEnd, more: run.problem }} />;
  const { savingFiles, waitingForMachine, startingTests, running, runningDone } = words.results;
  const progress: Partial<Record<RunView["phase"], string>> = {
    saving: savingFiles,
    waiting: waitingForMachine,
    starting: startingTests,
    running: run.tests.length === 0 ? running : runningDone(run.tests.length, expected),
  };
  return isUnderWay(run) ? (
    <p className="progress" role="status">
      {progress[run.phase]}
    </p>
  ) : null;
}

/** The tests, and what the run printed: first, where no test can speak. */
function Details({ verdict, visible }: { verdict: VerdictOfRun; visible: VisibleTest[] }) {
  const { outcome, tests, output, output_dropped_bytes } = verdict;
  const testsSpeak = outcome === "passed" || outcome === "failed";
  const title = outcome === "compile_error" ? words.results.buildSaid : words.results.runPrinted;
  const printed = <Output title={title} text={output} dropped={output_dropped_bytes} open={!testsSpeak} />;
  return (
    <>
      {!testsSpeak && printed}
      <TestList tests={tests} visible={visible} done />
      {testsSpeak && printed}
    </>
  );
}

interface HandInProps {
  bench: Workbench;
  desk: Desk;
  lesson: LessonDetail;
  id: string;
}

function HandInResult({ bench, desk, lesson, id }: HandInProps) {
  const { list, current } = useStore(desk.submissions.view);
  const submission = list.find(other => other.id === id) ?? null;
  const known = submission && isFinal(submission.state);
  return (
    <>
      <p className="eyebrow">{words.results.handedIn}</p>
      {!known && <HandInLine current={current} submission={submission} />}
      {submission && <FinalResult bench={bench} submission={submission} lesson={lesson} />}
    </>
  );
}

interface FinalProps {
  bench: Workbench;
  submission: Submission;
  lesson: LessonDetail;
}

function FinalResult({ bench, submission: { state }, lesson }: FinalProps) {
  const sentence = submissionSentence(state);
  if (!sentence) return null;
  if (state.type !== "graded") return <Verdict sentence={sentence} />;
  const { verdict } = state;
  return (
    <>
      <Verdict sentence={sentence} />
      {verdict.outcome === "passed" ? (
        <Onward bench={bench} lesson={lesson} />
      ) : (
        <p className="muted note">{solutionWords(lesson.solution)}</p>
      )}
      <Details verdict={verdict} visible={lesson.tests.visible} />
      <p className="muted note">{words.results.trust[verdict.trust]}</p>
    </>
  );
}

const SHAPES = { passed: "✓", failed: "✕", ours: "!", neutral: "·" };

function Verdict({ sentence }: { sentence: Sentence }) {
  return (
    <div className="verdict" data-tone={sentence.tone}>
      <span className="shape" aria-hidden="true">
        {SHAPES[sentence.tone]}
      </span>
      <div>
        <h2>{sentence.head}</h2>
        {sentence.more && <p>{sentence.more}</p>}
      </div>
    </div>
  );
}
