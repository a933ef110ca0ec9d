// Earlier hand-ins, newest first; each opens in Tests.
import type { Submission } from "../protocol/generated";
import { submissionWord } from "../state/words";
import type { Desk, Workbench } from "../state/workbench";
import { useStore } from "../ui/use-store";

export function HistoryPane({ bench }: { bench: Workbench }) {
  const { desk } = useStore(bench.view);
  return <div className="results">{desk && <HandIns bench={bench} desk={desk} />}</div>;
}

function HandIns({ bench, desk }: { bench: Workbench; desk: Desk }) {
  const { list } = useStore(desk.submissions.view);
  if (list.length === 0) {
    return (
      <p className="empty">
        What you hand in is listed here with its result. Press “Hand in” when you think it is right.
      </p>
    );
  }
  return (
    <ul className="history" aria-label="Hand-ins">
      {list.map(submission => (
        <HandInRow key={submission.id} submission={submission} show={() => bench.showSubmission(submission.id)} />
      ))}
    </ul>
  );
}

const SHAPES = { passed: "✓", failed: "✕", ours: "!", neutral: "·" };
const TIME = new Intl.DateTimeFormat("en", { dateStyle: "medium", timeStyle: "short" });

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
          {TIME.format(at)}
        </time>
      </button>
    </li>
  );
}
