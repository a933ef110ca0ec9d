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
import { HandInLine } from "./hand-in-line";
import { Output, TestList } from "./test-list";

export function TestsPane({ bench }: { bench: Workbench }) {
  const { desk, lesson } = useStore(bench.view);
  const { result } = useStore(bench.front);
  if (!desk || !lesson) return <p className="reading muted">Fetching the lesson…</p>;
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
  const { visible, hidden } = lesson.tests;
  if (run.phase === "none") {
    return (
      <p className="empty">
        {`Run the tests to see which of ${visible === 1 ? "one" : `these ${visible}`} your work passes. `}
        {hidden > 0 && `Handing in runs ${hidden} more. `}
        Running them is practice and counts for nothing.
      </p>
    );
  }
  return (
    <>
      <p className="eyebrow">Run in your machine</p>
      {run.verdict ? (
        <Verdict sentence={runSentence(run.verdict, hidden)} />
      ) : (
        <RunProgress run={run} expected={visible} />
      )}
      <TestList tests={run.tests} done={run.verdict !== null} />
      <RunOutput run={run} />
    </>
  );
}

function runSentence(verdict: VerdictOfRun, hidden: number): Sentence {
  const sentence = verdictSentence(verdict);
  return verdict.outcome === "passed" ? { ...sentence, more: afterPassing(hidden) } : sentence;
}

function RunProgress({ run, expected }: { run: RunView; expected: number }) {
  if (run.problem)
    return <Verdict sentence={{ tone: "ours", head: "The tests did not run to the end.", more: run.problem }} />;
  const words: Partial<Record<RunView["phase"], string>> = {
    saving: "Saving your files…",
    waiting: "Waiting for your machine; the tests start as soon as it is there.",
    starting: "Starting the tests…",
    running: run.tests.length === 0 ? "Running…" : `Running… ${run.tests.length} of ${expected} done.`,
  };
  return isUnderWay(run) ? (
    <p className="progress" role="status">
      {words[run.phase]}
    </p>
  ) : null;
}

function RunOutput({ run }: { run: RunView }) {
  if (run.verdict)
    return <Output text={run.verdict.output} dropped={run.verdict.output_dropped_bytes} open={isLoud(run)} />;
  return <Output text={run.output} dropped={run.cut ? -1 : 0} open />;
}

/** When no test can speak, what was printed is all there is to read. */
function isLoud({ verdict }: RunView): boolean {
  return verdict !== null && verdict.outcome !== "passed" && verdict.outcome !== "failed";
}

function HandInResult({ desk, lesson, id }: { desk: Desk; lesson: LessonDetail; id: string }) {
  const { list, current } = useStore(desk.submissions.view);
  const submission = list.find(other => other.id === id) ?? null;
  const known = submission && isFinal(submission.state);
  return (
    <>
      <p className="eyebrow">Handed in</p>
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
  const quiet = verdict.outcome === "passed" || verdict.outcome === "failed";
  return (
    <>
      <Verdict sentence={sentence} />
      {verdict.outcome === "passed" && <Onward lesson={lesson} />}
      <TestList tests={verdict.tests} done />
      <Output text={verdict.output} dropped={verdict.output_dropped_bytes} open={!quiet} />
    </>
  );
}

function Onward({ lesson }: { lesson: LessonDetail }) {
  return (
    <p className="after">
      {lesson.next ? (
        <Link to={lessonPath(lesson.next)} className="button primary">
          Next lesson
        </Link>
      ) : (
        <>
          That was the last lesson of {lesson.course}. <Link to="/">See all lessons</Link>
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
