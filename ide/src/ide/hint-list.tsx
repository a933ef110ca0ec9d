// The hints shown so far, and a button for the next one.
import type { Hints } from "../state/hints";
import { ServerHtml } from "../ui/server-html";
import { useStore } from "../ui/use-store";
import { words } from "../words/words";

export function HintList({ hints, total }: { hints: Hints; total: number }) {
  const { shown, asking, problem } = useStore(hints.view);
  if (total === 0) return null;
  const number = shown.length + 1;
  return (
    <section className="hints" aria-label={words.lesson.hints}>
      {shown.map(hint => (
        <div key={hint.number} className="hint">
          <h2>{words.lesson.hint(hint.number, total)}</h2>
          <ServerHtml html={hint.html} />
        </div>
      ))}
      {problem && <p role="alert">{problem}</p>}
      {number <= total && (
        <button type="button" aria-disabled={asking} onClick={() => void hints.next()}>
          {number === 1 ? words.lesson.showHint : words.lesson.showNextHint}{" "}
          <span className="muted">{words.lesson.hintCount(number, total)}</span>
        </button>
      )}
    </section>
  );
}
