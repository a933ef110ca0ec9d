// The pages of a lesson: the task, then its theory. Pure.
import type { LessonDetail } from "../protocol/generated";

/** 0 is the task; theory is counted from 1. */
export type PageNumber = number;

export interface LessonPage {
  number: PageNumber;
  /** Null for the task, whose name the catalogue has. */
  title: string | null;
  html: string;
}

export interface Neighbours {
  current: LessonPage;
  previous: LessonPage | null;
  next: LessonPage | null;
}

export function pagesOf(lesson: Pick<LessonDetail, "instructions_html" | "theory">): LessonPage[] {
  const theory = lesson.theory.map(({ title, html }, at) => ({ number: at + 1, title, html }));
  return [{ number: 0, title: null, html: lesson.instructions_html }, ...theory];
}

/** The page of this number and those beside it; an address with a page that is not there leads to the task. */
export function pageAt(pages: LessonPage[], number: PageNumber): Neighbours {
  const task: LessonPage = pages[0] ?? { number: 0, title: null, html: "" };
  const current = pages[number] ?? task;
  return { current, previous: pages[current.number - 1] ?? null, next: pages[current.number + 1] ?? null };
}
