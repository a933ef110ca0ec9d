// After passing: the next lesson, how far the course has come, and the author's solution to compare with.
import { useState } from "react";
import { SolutionDialog } from "../chunks";
import type { LessonDetail } from "../protocol/generated";
import { LESSON_LANGUAGE } from "../state/lesson-list";
import { lessonPath } from "../state/route";
import type { Workbench } from "../state/workbench";
import { Link } from "../ui/link";
import { Steps } from "../ui/steps";
import { useStore } from "../ui/use-store";
import { words } from "../words/words";

interface Props {
  bench: Workbench;
  lesson: LessonDetail;
  /** Shown on a later visit, not on the moment of passing. */
  again?: boolean;
}

export function Onward({ bench, lesson, again = false }: Props) {
  const course = useStore(bench.course);
  const next = course.find(({ slug }) => slug === lesson.next);
  const passed = course.filter(({ progress }) => progress === "passed").length;
  return (
    <section className="onward" aria-label={words.lesson.onward}>
      {again && <p>{words.lesson.passed}</p>}
      {course.length > 1 && (
        <p className="onward-course">
          <Steps lessons={course} here={lesson.slug} />{" "}
          <span className="muted">
            <span lang={LESSON_LANGUAGE}>{lesson.course}</span>: {words.lessons.passedOf(passed, course.length)}
          </span>
        </p>
      )}
      <p className="onward-ways">
        {lesson.next ? (
          <Link to={lessonPath(lesson.next)} className="button primary">
            {next ? words.lesson.nextLesson(next.title) : words.results.nextLesson}
          </Link>
        ) : (
          <Link to="/" className="button primary">
            {words.app.allLessons}
          </Link>
        )}
        <SolutionButton bench={bench} lesson={lesson} />
      </p>
      {!lesson.next && <p className="muted">{words.results.lastOfCourse(lesson.course)}</p>}
    </section>
  );
}

function SolutionButton({ bench, lesson }: { bench: Workbench; lesson: LessonDetail }) {
  const [shown, setShown] = useState(false);
  const { desk } = useStore(bench.view);
  if (lesson.solution.type !== "open" || !desk) return null;
  return (
    <>
      <button type="button" onClick={() => setShown(true)}>
        {words.lesson.compare}
      </button>
      {shown && <SolutionDialog slug={lesson.slug} files={desk.files} close={() => setShown(false)} meanwhile={null} />}
    </>
  );
}
