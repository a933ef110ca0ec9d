import { expect, it } from "vitest";
import type { LessonSummary } from "../api/api";
import { byCourse, nextUp } from "./lesson-list";

const lesson = (course: string, position: number, progress: LessonSummary["progress"]): LessonSummary => ({
  slug: `${course}-${position}`,
  title: "",
  summary: "",
  course,
  position,
  language: "",
  time_budget_minutes: 1,
  progress,
});

it("puts the course under way first, the finished one last, and knows what is next", () => {
  const lessons = [
    lesson("done", 1, "passed"),
    lesson("fresh", 1, "not_started"),
    lesson("going", 2, "not_started"),
    lesson("going", 1, "passed"),
  ];
  expect(byCourse(lessons).map(course => course.name)).toEqual(["going", "fresh", "done"]);
  expect(nextUp(lessons)?.slug).toBe("going-2");
  expect(nextUp([...lessons, lesson("fresh", 2, "started")])?.slug).toBe("fresh-2");
  expect(nextUp([lesson("done", 1, "passed")])).toBeNull();
});
