// Progress as the mark draws it: one step per lesson, filled when passed.
import type { LessonSummary } from "../api/api";

export function Steps({ lessons, here }: { lessons: LessonSummary[]; here?: string }) {
  return (
    <span className="steps" aria-hidden="true">
      {lessons.map(lesson => (
        <span key={lesson.slug} data-progress={lesson.progress} data-here={lesson.slug === here} />
      ))}
    </span>
  );
}
