// What the tests say: the sentence first, then a line per test, the first failure open. Shows the run in the learner's
// machine or one hand-in.
import type { LessonDetail, Submission, Verdict as VerdictOfRun } from "../protocol/generated";
import { lessonPath } from "../state/route";
import { isUnderWay, type RunView } from "../state/runs";
import { isFinal } from "../state/submissions";
import { afterPassing, type Sentence, submissionSentence, verdictSentence } from "../state/words";
import type { Desk, Workbench } from "../state/workbench";
import { Link } from "../ui/link";
import { useStore } from "../ui/use-store";
import { words } from "../words/words";
import { HandInLine } from "./hand-in-line";
import { Output, TestList } from "./test-list";

export function TestsPane({ bench }: { bench: Workbench }) {
  const { desk, lesson } = useStore(bench.view);
  const { result } = useStore(bench.front);
  if (!desk || !lesson) return <p className="reading muted">{words.lesson.fetching}</p>;
  return (
    <div className="results">
      {result === "run" ? (
        <RunResult desk={desk} lesson={lesson} />
      ) : (
        <HandInResult desk={desk} lesson={lesson} id={result} />
      )}
    </div>
  );
}

function RunResult({ desk, lesson }: { desk: Desk; lesson: LessonDetail }) {
  const run = useStore(desk.session.runs.view);
  const { hidden } = lesson.tests;
  const visible = lesson.tests.visible.length;
  if (run.phase === "none") {
    return <p className="empty">{words.results.noRun(visible, hidden)}</p>;
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
        <Details verdict={run.verdict} />
      ) : (
        <>
          <TestList tests={run.tests} done={false} />
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
function Details({ verdict }: { verdict: VerdictOfRun }) {
  const { outcome, tests, output, output_dropped_bytes } = verdict;
  const testsSpeak = outcome === "passed" || outcome === "failed";
  const title = outcome === "compile_error" ? words.results.buildSaid : words.results.runPrinted;
  const printed = <Output title={title} text={output} dropped={output_dropped_bytes} open={!testsSpeak} />;
  return (
    <>
      {!testsSpeak && printed}
      <TestList tests={tests} done />
      {testsSpeak && printed}
    </>
  );
}

function HandInResult({ desk, lesson, id }: { desk: Desk; lesson: LessonDetail; id: string }) {
  const { list, current } = useStore(desk.submissions.view);
  const submission = list.find(other => other.id === id) ?? null;
  const known = submission && isFinal(submission.state);
  return (
    <>
      <p className="eyebrow">{words.results.handedIn}</p>
      {!known && <HandInLine current={current} submission={submission} />}
      {submission && <FinalResult submission={submission} lesson={lesson} />}
    </>
  );
}

function FinalResult({ submission: { state }, lesson }: { submission: Submission; lesson: LessonDetail }) {
  const sentence = submissionSentence(state);
  if (!sentence) return null;
  if (state.type !== "graded") return <Verdict sentence={sentence} />;
  const { verdict } = state;
  return (
    <>
      <Verdict sentence={sentence} />
      {verdict.outcome === "passed" && <Onward lesson={lesson} />}
      <Details verdict={verdict} />
    </>
  );
}

function Onward({ lesson }: { lesson: LessonDetail }) {
  return (
    <p className="after">
      {lesson.next ? (
        <Link to={lessonPath(lesson.next)} className="button primary">
          {words.results.nextLesson}
        </Link>
      ) : (
        <>
          {words.results.lastOfCourse(lesson.course)} <Link to="/">{words.app.allLessons}</Link>
        </>
      )}
    </p>
  );
}

const SHAPES = { passed: "✓", failed: "✕", ours: "!", neutral: "·" };

function Verdict({ sentence }: { sentence: Sentence }) {
  return (
    <div className="verdict" data-tone={sentence.tone} role="status">
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
