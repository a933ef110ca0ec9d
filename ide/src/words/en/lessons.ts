import { format } from "./format";

/** The lesson list. */
export const lessons = {
  title: "Lessons",
  lead: "Choose one. Its machine is yours, ready in a few seconds, and what you write is kept.",
  fetching: "Fetching the lessons…",
  none: "There are no lessons here yet. They appear as soon as an author publishes one.",
  goOn: "Go on where you were",
  next: "Next for you",
  about: (minutes: number) => `About ${format.counted(minutes, { one: "minute", other: "minutes" })}.`,
  minutes: (minutes: number) => `${minutes} min`,
  passedOf: (passed: number, of: number) => `${passed} of ${of} passed`,
  progress: { passed: "passed", started: "started", not_started: "not started" },
};
