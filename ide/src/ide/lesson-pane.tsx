// The lesson's text, and its hints one at a time.
import { useState } from "react";
import { api } from "../api/api";
import { reasonOf } from "../api/http";
import type { Hint, LessonDetail } from "../protocol/generated";
import { lessonPath } from "../state/route";
import type { Workbench } from "../state/workbench";
import { Link } from "../ui/link";
import { ServerHtml } from "../ui/server-html";
import { useStore } from "../ui/use-store";

export function LessonPane({ bench }: { bench: Workbench }) {
  const { lesson } = useStore(bench.view);
  if (!lesson) return <p className="reading muted">Fetching the lesson…</p>;
  return (
    <article className="reading" aria-label="Lesson text">
      <ServerHtml html={lesson.instructions_html} />
      <Hints lesson={lesson} />
      {lesson.progress === "passed" && lesson.next && (
        <p className="after">
          You have passed this lesson. <Link to={lessonPath(lesson.next)}>Go on to the next one</Link>
        </p>
      )}
    </article>
  );
}

function Hints({ lesson }: { lesson: LessonDetail }) {
  const [shown, setShown] = useState<Hint[]>([]);
  const [problem, setProblem] = useState<string | null>(null);
  if (lesson.hints === 0) return null;
  const number = shown.length + 1;
  const more = async () => {
    try {
      const hint = await api.hint(lesson.slug, number);
      setShown(now => [...now.filter(other => other.number !== number), hint]);
      setProblem(null);
    } catch (why) {
      setProblem(reasonOf(why));
    }
  };
  return (
    <section className="hints" aria-label="Hints">
      {shown.map(hint => (
        <div key={hint.number} className="hint">
          <h2>
            Hint {hint.number} of {lesson.hints}
          </h2>
          <ServerHtml html={hint.html} />
        </div>
      ))}
      {problem && <p role="alert">{problem}</p>}
      {number <= lesson.hints && (
        <button type="button" onClick={() => void more()}>
          {number === 1 ? "Show a hint" : "Show the next hint"}{" "}
          <span className="muted">{`${number} of ${lesson.hints}`}</span>
        </button>
      )}
    </section>
  );
}
