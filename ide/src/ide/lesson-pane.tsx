// The lesson's text, and its hints one at a time.
import { useState } from "react";
import { api } from "../api/api";
import { reasonOf } from "../api/http";
import type { Hint, LessonDetail } from "../protocol/generated";
import { lessonPath } from "../state/route";
import type { Workbench } from "../state/workbench";
import { Link } from "../ui/link";
import { ServerHtml } from "../ui/server-html";
import { SkeletonText, Waiting } from "../ui/skeleton";
import { useStore } from "../ui/use-store";
import { words } from "../words/words";

export function LessonPane({ bench }: { bench: Workbench }) {
  const { lesson } = useStore(bench.view);
  if (!lesson)
    return (
      <div className="reading">
        <Waiting for={words.lesson.fetching} />
        <SkeletonText />
      </div>
    );
  return (
    <article className="reading" aria-label={words.lesson.text}>
      <ServerHtml html={lesson.instructions_html} />
      <Hints lesson={lesson} />
      {lesson.progress === "passed" && lesson.next && (
        <p className="after">
          {words.lesson.passed} <Link to={lessonPath(lesson.next)}>{words.lesson.goOn}</Link>
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
      const hint = await api.showHint(lesson.slug, number);
      setShown(now => [...now.filter(other => other.number !== number), hint]);
      setProblem(null);
    } catch (why) {
      setProblem(reasonOf(why));
    }
  };
  return (
    <section className="hints" aria-label={words.lesson.hints}>
      {shown.map(hint => (
        <div key={hint.number} className="hint">
          <h2>{words.lesson.hint(hint.number, lesson.hints)}</h2>
          <ServerHtml html={hint.html} />
        </div>
      ))}
      {problem && <p role="alert">{problem}</p>}
      {number <= lesson.hints && (
        <button type="button" onClick={() => void more()}>
          {number === 1 ? words.lesson.showHint : words.lesson.showNextHint}{" "}
          <span className="muted">{words.lesson.hintCount(number, lesson.hints)}</span>
        </button>
      )}
    </section>
  );
}
