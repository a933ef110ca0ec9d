// The timeline: what was saved and handed in, newest first, day by day. Each entry opens to its files.
import { RotateCcw } from "lucide-react";
import { useEffect, useState } from "react";
import { ResetDialog } from "../chunks";
import { byDay, idOf } from "../state/timeline";
import type { Desk, Workbench } from "../state/workbench";
import { useStore } from "../ui/use-store";
import { words } from "../words/words";
import { HistoryEntry } from "./history-entry";
import { dayWord } from "./moments";

export default function HistoryPane({ bench }: { bench: Workbench }) {
  const { desk } = useStore(bench.view);
  return <div className="results">{desk && <Timeline bench={bench} desk={desk} />}</div>;
}

function Timeline({ bench, desk }: { bench: Workbench; desk: Desk }) {
  const { entries, older, forgotten, problem } = useStore(desk.timeline.view);
  useRenewal(desk);
  const known = useStore(desk.submissions.view).list;
  return (
    <>
      <StartOver desk={desk} />
      {problem && (
        <p className="problem" role="alert">
          {problem}{" "}
          <button type="button" className="small" onClick={() => void desk.timeline.load()}>
            {words.app.tryAgain}
          </button>
        </p>
      )}
      {!entries && !problem && <p className="muted">{words.durability.fetchingHistory}</p>}
      {entries?.length === 0 && <p className="empty">{words.durability.historyEmpty}</p>}
      {byDay(entries ?? [], dayWord).map(([day, ofDay]) => (
        <section key={day} aria-label={day}>
          <h2 className="eyebrow">{day}</h2>
          <ol className="timeline">
            {ofDay.map(entry => (
              <HistoryEntry
                key={idOf(entry)}
                entry={entry}
                desk={desk}
                submission={known.find(({ id }) => id === idOf(entry)) ?? null}
                showResult={bench.showSubmission}
              />
            ))}
          </ol>
        </section>
      ))}
      {older !== null && (
        <button type="button" onClick={() => void desk.timeline.more()}>
          {words.durability.older}
        </button>
      )}
      {entries && entries.length > 0 && older === null && (
        <p className="muted timeline-end">{forgotten ? words.durability.forgotten : words.durability.beginning}</p>
      )}
    </>
  );
}

/** While it is looked at, the list follows what is saved and handed in. */
function useRenewal({ timeline, files, submissions }: Desk): void {
  useEffect(() => {
    void timeline.load();
    const stops = [files.entries.subscribe(timeline.renew), submissions.view.subscribe(timeline.renew)];
    return () => {
      for (const stop of stops) stop();
    };
  }, [timeline, files, submissions]);
}

function StartOver({ desk }: { desk: Desk }) {
  const [asking, setAsking] = useState(false);
  return (
    <div className="timeline-head">
      <button type="button" className="small" onClick={() => setAsking(true)}>
        <RotateCcw size={14} aria-hidden="true" /> {words.durability.resetLesson}
      </button>
      {asking && <ResetDialog meanwhile={null} desk={desk} path={null} close={() => setAsking(false)} />}
    </div>
  );
}
