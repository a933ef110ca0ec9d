// The visible tests before the first run, to be read; and where a test of a result is written.
import type { LessonTests, TestSource, VisibleTest } from "../protocol/generated";
import { LESSON_LANGUAGE } from "../state/lesson-list";
import { words } from "../words/words";
import { PlaceLink } from "./places";

export function TestsToRead({ tests }: { tests: LessonTests }) {
  return (
    <section aria-label={words.results.testsToRead}>
      <ul className="tests">
        {tests.visible.map(test => (
          <TestToRead key={test.id} test={test} />
        ))}
      </ul>
      {tests.hidden > 0 && <p className="muted hidden-count">{words.results.hiddenTests(tests.hidden)}</p>}
    </section>
  );
}

function TestToRead({ test: { id, source } }: { test: VisibleTest }) {
  const line = (
    <>
      <span className="shape" aria-hidden="true">
        ·
      </span>
      <span className="test-name" lang={LESSON_LANGUAGE}>
        {id}
      </span>
    </>
  );
  return (
    <li>
      {source ? (
        <details>
          <summary className="test-line">{line}</summary>
          <SourceText source={source} />
        </details>
      ) : (
        <div className="test-line">{line}</div>
      )}
    </li>
  );
}

export function SourceText({ source }: { source: TestSource }) {
  return (
    <div className="test-source">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: long lines scroll sideways, and the keyboard has to reach them */}
      <pre tabIndex={0}>{source.text}</pre>
      <SourceLink source={source} />
    </div>
  );
}

export function SourceLink({ source: { path, line } }: { source: TestSource }) {
  return (
    <p className="source-link">
      <PlaceLink place={{ path, line, column: null }} text={words.results.readTest(path, line)} />
    </p>
  );
}
