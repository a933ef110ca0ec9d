// Progress as the mark draws it: rising steps, one per lesson, filled when passed.
import type { LessonSummary } from "../api/api";

/** Pixels of the first and the last step. */
const [LOWEST, HIGHEST] = [6, 18];

function heightOf(at: number, count: number): number {
  return count < 2 ? HIGHEST : Math.round(LOWEST + ((HIGHEST - LOWEST) * at) / (count - 1));
}

export function Steps({ lessons, here }: { lessons: LessonSummary[]; here?: string }) {
  return (
    <span className="steps" aria-hidden="true">
      {lessons.map((lesson, at) => (
        <span
          key={lesson.slug}
          data-progress={lesson.progress}
          data-here={lesson.slug === here}
          style={{ height: heightOf(at, lessons.length) }}
        />
      ))}
    </span>
  );
}
