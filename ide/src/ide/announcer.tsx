// Says to screen readers what a run or a hand-in came to, wherever the focus is and whichever pane is in front. It is on
// the page before there is anything to say: a region that arrives together with its words is often not read.
import type { Verdict } from "../protocol/generated";
import { isUnderWay } from "../state/runs";
import { submissionSentence, verdictSentence } from "../state/words";
import type { Desk, Workbench } from "../state/workbench";
import { useStore } from "../ui/use-store";
import { words } from "../words/words";

export function Announcer({ bench }: { bench: Workbench }) {
  const { desk } = useStore(bench.view);
  const { result } = useStore(bench.front);
  return (
    <p className="sr-only" role="status" data-part="announcer">
      {desk && (result === "run" ? <RunSaid desk={desk} /> : <HandInSaid desk={desk} id={result} />)}
    </p>
  );
}

function RunSaid({ desk }: { desk: Desk }) {
  const run = useStore(desk.session.runs.view);
  if (isUnderWay(run)) return words.results.running;
  if (run.verdict) return spoken(run.verdict);
  return run.problem ? `${words.results.didNotRunToTheEnd} ${run.problem}` : null;
}

function HandInSaid({ desk, id }: { desk: Desk; id: string }) {
  const { list } = useStore(desk.submissions.view);
  const state = list.find(submission => submission.id === id)?.state;
  const sentence = state && submissionSentence(state);
  return sentence ? `${sentence.head} ${sentence.more ?? ""}` : null;
}

function spoken(verdict: Verdict): string {
  const { head, more } = verdictSentence(verdict);
  return `${head} ${more ?? ""}`;
}
