// Earlier hand-ins, newest first; each opens in Tests.
import type { Submission } from "../protocol/generated";
import { submissionWord } from "../state/words";
import type { Desk, Workbench } from "../state/workbench";
import { useStore } from "../ui/use-store";
import { words } from "../words/words";

export function HistoryPane({ bench }: { bench: Workbench }) {
  const { desk } = useStore(bench.view);
  return <div className="results">{desk && <HandIns bench={bench} desk={desk} />}</div>;
}

function HandIns({ bench, desk }: { bench: Workbench; desk: Desk }) {
  const { list } = useStore(desk.submissions.view);
  if (list.length === 0) {
    return <p className="empty">{words.results.noHandIns}</p>;
  }
  return (
    <ul className="history" aria-label={words.results.handIns}>
      {list.map(submission => (
        <HandInRow key={submission.id} submission={submission} show={() => bench.showSubmission(submission.id)} />
      ))}
    </ul>
  );
}

const SHAPES = { passed: "✓", failed: "✕", ours: "!", neutral: "·" };

function HandInRow({ submission, show }: { submission: Submission; show: () => void }) {
  const { tone, word } = submissionWord(submission.state);
  const at = new Date(submission.submitted_at / 1000);
  return (
    <li>
      <button type="button" className="history-row" onClick={show}>
        <span className="shape" data-tone={tone} aria-hidden="true">
          {SHAPES[tone]}
        </span>
        <span className="history-word" data-tone={tone}>
          {word}
        </span>
        <time dateTime={at.toISOString()} className="muted">
          {words.format.moment(at.getTime())}
        </time>
      </button>
    </li>
  );
}
