// A line per test, the first failure open; what the learner's program printed apart from what the tests say.
import type { TestResult } from "../protocol/generated";
import { expectedAndGot } from "../state/expected-and-got";
import { LESSON_LANGUAGE } from "../state/lesson-list";
import { firstToRead, inReadingOrder, statusWord } from "../state/words";
import { words } from "../words/words";

/** A test's time is worth a column only when a person could notice it. */
const SLOW_MS = 100;
const SHAPES = { passed: "✓", failed: "✕", errored: "✕", skipped: "–", missing: "?" };

export function TestList({ tests, done }: { tests: TestResult[]; done: boolean }) {
  const first = firstToRead(tests);
  if (tests.length === 0) return null;
  return (
    <ul className="tests" aria-label={words.results.tests} aria-busy={!done}>
      {inReadingOrder(tests).map(test => (
        <TestRow key={test.id} test={test} open={test === first} />
      ))}
    </ul>
  );
}

function TestRow({ test, open }: { test: TestResult; open: boolean }) {
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
  if (!test.message && !test.output) {
    return (
      <li>
        <div className="test-line">{line}</div>
      </li>
    );
  }
  return (
    <li>
      <details open={open}>
        <summary className="test-line">{line}</summary>
        {test.message && <Message text={test.message} />}
        {test.output && (
          <div className="printed">
            <h3>{words.results.programPrinted}</h3>
            <pre>{test.output}</pre>
          </div>
        )}
      </details>
    </li>
  );
}

function Message({ text }: { text: string }) {
  const pair = expectedAndGot(text);
  return (
    <>
      {pair && (
        <dl className="pair">
          <div>
            <dt>{words.results.expected}</dt>
            <dd>
              <pre>{pair.expected}</pre>
            </dd>
          </div>
          <div>
            <dt>{words.results.got}</dt>
            <dd>
              <pre>{pair.got}</pre>
            </dd>
          </div>
        </dl>
      )}
      <pre className="message">{text}</pre>
    </>
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
      <pre>{text}</pre>
    </details>
  );
}
