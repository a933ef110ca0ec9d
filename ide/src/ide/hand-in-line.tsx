// The way of a hand-in as four words in one line: saved · queued, 2nd · running · graded.
import type { Submission } from "../protocol/generated";
import type { HandIn } from "../state/submissions";
import { place } from "../state/words";
import { words } from "../words/words";

interface Step {
  word: string;
  state: "done" | "now" | "ahead";
}

export function HandInLine({ current, submission }: { current: HandIn; submission: Submission | null }) {
  if (!submission && current.type === "failed") {
    return (
      <div className="verdict" data-tone="ours" role="alert">
        <span className="shape" aria-hidden="true">
          !
        </span>
        <div>
          <h2>{words.results.notHandedIn}</h2>
          <p>{current.problem}</p>
        </div>
      </div>
    );
  }
  return (
    <div role="status">
      <span className="sr-only">{words.results.yourHandIn} </span>
      <ol className="way">
        {stepsOf(current, submission).map(({ word, state }) => (
          <li key={word} data-state={state} aria-current={state === "now" ? "step" : undefined}>
            {word}
          </li>
        ))}
      </ol>
      {hasFailedBefore(submission) && <p className="our-fault">{words.results.triedAgain}</p>}
    </div>
  );
}

/** A try of ours went wrong: theirs to know, not theirs to mend. */
function hasFailedBefore(submission: Submission | null): boolean {
  const state = submission?.state;
  return (state?.type === "queued" && state.failed_attempts > 0) || (state?.type === "running" && state.attempt > 1);
}

function stepsOf(current: HandIn, submission: Submission | null): Step[] {
  const { way, noAnswerRetrying, runningAgain } = words.results;
  const steps = [way.saved, way.queued, way.running, way.graded];
  const at = positionOf(current, submission);
  const state = submission?.state;
  if (!submission) steps[0] = current.type === "saving" ? way.saving : way.saved;
  if (current.type === "sending" && current.retrying) steps[1] = noAnswerRetrying;
  if (state?.type === "queued") steps[1] = place(state.ahead);
  if (state?.type === "running" && state.attempt > 1) steps[2] = runningAgain;
  return steps.map((word, index) => ({ word, state: index < at ? "done" : index === at ? "now" : "ahead" }));
}

function positionOf(current: HandIn, submission: Submission | null): number {
  if (submission) return submission.state.type === "queued" ? 1 : submission.state.type === "running" ? 2 : 3;
  return current.type === "saving" ? 0 : 1;
}
