// One entry of the timeline: when, which files, by whom; opened, its files beside what there is now, and the way back.
import { ChevronDown, ChevronRight } from "lucide-react";
import { type ReactNode, useState } from "react";
import type { PastEntry, PointChange, Submission, TimelineEntry } from "../protocol/generated";
import { nameOf } from "../state/paths";
import { idOf, pastOf } from "../state/timeline";
import { submissionWord, type Tone } from "../state/words";
import type { Desk } from "../state/workbench";
import { useStore } from "../ui/use-store";
import { words } from "../words/words";
import { CompareDialog } from "./compare-dialog";
import { timeWord } from "./moments";
import { RestoreDialog } from "./restore-dialog";

interface Props {
  entry: TimelineEntry;
  desk: Desk;
  /** With a hand-in that is among the newest: what is known of it this moment. */
  submission: Submission | null;
  showResult: (submission: string) => void;
}

export function HistoryEntry({ entry, desk, submission, showResult }: Props) {
  const open = useStore(desk.timeline.open);
  const isOpen = open?.id === idOf(entry);
  const at = new Date(entry.at / 1000);
  const Sign = isOpen ? ChevronDown : ChevronRight;
  return (
    <li data-kind={entry.type}>
      <button
        type="button"
        className="timeline-row"
        aria-expanded={isOpen}
        onClick={() => desk.timeline.toggle(idOf(entry))}
      >
        <Sign size={14} aria-hidden="true" />
        {entry.type === "saved" ? <Changes changes={entry.changes} /> : <HandInWord {...{ entry, submission }} />}
        <time dateTime={at.toISOString()} className="muted">
          {timeWord(at)}
        </time>
      </button>
      {isOpen && (
        <OpenEntry entry={entry} desk={desk} files={open.files} problem={open.problem}>
          {entry.type === "handed_in" && submission && (
            <button type="button" className="small" onClick={() => showResult(entry.submission)}>
              {words.durability.showResult}
            </button>
          )}
        </OpenEntry>
      )}
    </li>
  );
}

/** Named in a row; what more there is is counted. */
const NAMED = 2;

function Changes({ changes }: { changes: PointChange[] }) {
  const by = [...new Set(changes.flatMap(change => change.by))];
  const named = changes.slice(0, NAMED).map(({ path, kind }) => {
    const name = nameOf(path);
    return kind === "changed" ? name : `${name} (${words.durability.changes[kind]})`;
  });
  const more = changes.length - named.length;
  return (
    <span className="timeline-what">
      <span className="timeline-files">
        {named.join(", ")}
        {more > 0 && ` ${words.durability.moreFiles(more)}`}
      </span>{" "}
      <span className="muted">{by.map(who => words.durability.by[who]).join(", ")}</span>
    </span>
  );
}

const SHAPES: Record<Tone, string> = { passed: "✓", failed: "✕", ours: "!", neutral: "·" };
const TONES = { waiting: "neutral", passed: "passed", not_passed: "failed", did_not_count: "ours" } as const;

function HandInWord({
  entry,
  submission,
}: {
  entry: TimelineEntry & { type: "handed_in" };
  submission: Submission | null;
}) {
  const { type } = entry.result;
  const { tone, word } = submission
    ? submissionWord(submission.state)
    : { tone: TONES[type], word: words.durability.handInResult[type] };
  return (
    <span className="timeline-what">
      <span className="shape" data-tone={tone} aria-hidden="true">
        {SHAPES[tone]}
      </span>{" "}
      <span className="history-word" data-tone={tone}>
        {words.durability.handedIn(word)}
      </span>
    </span>
  );
}

interface OpenProps {
  entry: TimelineEntry;
  desk: Desk;
  files: PastEntry[] | null;
  problem: string | null;
  children: ReactNode;
}

function OpenEntry({ entry, desk, files, problem, children }: OpenProps) {
  const [comparing, setComparing] = useState<PastEntry | null>(null);
  const [asking, setAsking] = useState(false);
  const { busy } = useStore(desk.restores.view);
  if (problem) return <p className="problem">{problem}</p>;
  if (!files) return <p className="timeline-open muted">{words.durability.fetchingFiles}</p>;
  const past = pastOf(idOf(entry));
  const restore = (path: string) => void desk.restores.restore({ from: past, paths: [path] });
  return (
    <div className="timeline-open">
      {files.length === 0 && <p className="muted">{words.durability.sameAsNow}</p>}
      <ul>
        {files.map(file => (
          <li key={file.path}>
            <span className="timeline-file">
              {file.path} <span className="muted">{words.durability.compared[file.compared as Differing]}</span>
            </span>
            <button
              type="button"
              className="small"
              aria-label={words.durability.compareOne(file.path)}
              onClick={() => setComparing(file)}
            >
              {words.durability.compare}
            </button>
            <button
              type="button"
              className="small"
              aria-label={backName(file)}
              aria-disabled={busy}
              onClick={() => restore(file.path)}
            >
              {file.compared === "only_now" ? words.durability.remove : words.durability.restore}
            </button>
          </li>
        ))}
      </ul>
      <div className="timeline-acts">
        {files.length > 1 && (
          <button type="button" className="small" onClick={() => setAsking(true)}>
            {words.durability.restoreAll}
          </button>
        )}
        {children}
      </div>
      {comparing && (
        <CompareDialog
          desk={desk}
          entry={entry}
          file={comparing}
          restore={() => restore(comparing.path)}
          close={() => setComparing(null)}
        />
      )}
      {asking && <RestoreDialog desk={desk} entry={entry} files={files} close={() => setAsking(false)} />}
    </div>
  );
}

/** The list holds only files that differ. */
type Differing = Exclude<PastEntry["compared"], "same">;

function backName({ path, compared }: PastEntry): string {
  return compared === "only_now" ? words.durability.removeOne(path) : words.durability.restoreOne(path);
}
