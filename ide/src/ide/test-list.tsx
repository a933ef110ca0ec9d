// A line per test, the first failure open; what the learner's program printed apart from what the tests say.
import type { TestResult, TestSource, VisibleTest } from "../protocol/generated";
import { LESSON_LANGUAGE } from "../state/lesson-list";
import { firstToRead, inReadingOrder, statusWord } from "../state/words";
import { words } from "../words/words";
import { Message } from "./comparison";
import { PlacesText } from "./places";
import { SourceLink, SourceText } from "./test-source";

/** A test's time is worth a column only when a person could notice it. */
const SLOW_MS = 100;
const SHAPES = { passed: "✓", failed: "✕", errored: "✕", skipped: "–", missing: "?" };

interface Props {
  tests: TestResult[];
  /** Those of the lesson that may be read. */
  visible: VisibleTest[];
  done: boolean;
}

export function TestList({ tests, visible, done }: Props) {
  const first = firstToRead(tests);
  const sources = new Map(visible.map(({ id, source }) => [id, source]));
  if (tests.length === 0) return null;
  return (
    <ul className="tests" aria-label={words.results.tests} aria-busy={!done}>
      {inReadingOrder(tests).map(test => (
        <TestRow key={test.id} test={test} source={sources.get(test.id) ?? null} open={test === first} />
      ))}
    </ul>
  );
}

function TestRow({ test, source, open }: { test: TestResult; source: TestSource | null; open: boolean }) {
  const says = test.message || test.output;
  const line = (
    <>
      <span className="shape" data-status={test.status} aria-hidden="true">
        {SHAPES[test.status]}
      </span>
      <span className="test-name" lang={LESSON_LANGUAGE}>
        {test.name}
      </span>
      {test.hidden && <span className="badge">{words.results.hidden}</span>}
      <span className="test-word" data-status={test.status}>
        {statusWord(test.status)}
      </span>
      {(test.duration_ms ?? 0) >= SLOW_MS && (
        <span className="muted test-time">{words.format.shortTime(test.duration_ms ?? 0)}</span>
      )}
    </>
  );
  if (!says && !source) {
    return (
      <li>
        <div className="test-line">{line}</div>
      </li>
    );
  }
  return (
    <li>
      <details open={open && Boolean(says)}>
        <summary className="test-line">{line}</summary>
        {test.message && <Message text={test.message} />}
        {test.output && (
          <div className="printed">
            <h3>{words.results.programPrinted}</h3>
            <PlacesText text={test.output} />
          </div>
        )}
        {source && (test.message ? <SourceLink source={source} /> : <SourceText source={source} />)}
      </details>
    </li>
  );
}

interface OutputProps {
  title?: string;
  text: string;
  /** Bytes missing before `text`; -1 when it is not known how many. */
  dropped: number;
  open: boolean;
}

/** What the run printed outside of tests. */
export function Output({ title = words.results.runPrinted, text, dropped, open }: OutputProps) {
  if (text === "" && dropped === 0) return null;
  return (
    <details className="printed" open={open}>
      <summary>{title}</summary>
      {dropped !== 0 && (
        <p className="muted">
          {dropped > 0 ? words.results.firstNotShown(words.format.bytes(dropped)) : words.results.beginningNotShown}
        </p>
      )}
      <PlacesText text={text} />
    </details>
  );
}
