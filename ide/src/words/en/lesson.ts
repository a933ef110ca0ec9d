import { format } from "./format";

const { counted } = format;

/** The lesson's text and its hints. */
export const lesson = {
  fetching: "Fetching the lesson…",
  task: "The task",
  contents: "Pages of this lesson",
  turnPage: "Turn the page",
  previousPage: "Before:",
  nextPage: "Next:",
  hints: "Hints",
  hint: (number: number, of: number) => `Hint ${number} of ${of}`,
  showHint: "Show a hint",
  showNextHint: "Show the next hint",
  hintCount: (number: number, of: number) => `${number} of ${of}`,
  passed: "You have passed this lesson.",
  onward: "What comes next",
  nextLesson: (title: string) => `Next lesson: ${title}`,
  compare: "Compare with the author's solution",
  solution: "The author's solution",
  solutionIsOneWay: "One way to do it, beside yours. Nothing here changes your files.",
  solutionFiles: "Files of the solution",
  fetchingSolution: "Fetching the solution…",
  sameAsSolution: "Your file is the same as the author's.",
  mine: (path: string) => `Yours, ${path}`,
  theirs: (path: string) => `The author's, ${path}`,
  solutionAfterPassing: "Once you have passed, you can compare your work with the author's solution.",
  solutionAfterHandIns: (left: number) =>
    `The author's solution opens when you have passed, or after ${counted(left, { one: "more hand-in", other: "more hand-ins" })}.`,
};
