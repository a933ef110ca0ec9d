// The order in which lessons are shown. Pure.
import type { LessonSummary } from "../api/api";

/** What lessons are written in, for screen readers and translators. Manifests do not say it; those that ship are English. */
export const LESSON_LANGUAGE = "en";

export interface Course {
  name: string;
  lessons: LessonSummary[];
}

/** Courses with something left to do first, each in the order its author gave. */
export function byCourse(lessons: readonly LessonSummary[]): Course[] {
  const courses = new Map<string, LessonSummary[]>();
  for (const lesson of lessons) courses.set(lesson.course, [...(courses.get(lesson.course) ?? []), lesson]);
  const sorted = [...courses].map(([name, of]) => ({ name, lessons: of.sort((a, b) => a.position - b.position) }));
  return sorted.sort((a, b) => rank(a) - rank(b));
}

/** The lesson to go on with: one begun, else the first not passed; null when all are. */
export function nextUp(lessons: readonly LessonSummary[]): LessonSummary | null {
  const ordered = byCourse(lessons).flatMap(course => course.lessons);
  return (
    ordered.find(({ progress }) => progress === "started") ??
    ordered.find(({ progress }) => progress === "not_started") ??
    null
  );
}

/** Under way, then untouched, then done. */
function rank({ lessons }: Course): number {
  if (lessons.every(({ progress }) => progress === "passed")) return 2;
  return lessons.some(({ progress }) => progress !== "not_started") ? 0 : 1;
}
