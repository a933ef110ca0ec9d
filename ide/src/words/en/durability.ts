import { format } from "./format";

/** Saving, keeping what is not saved, and going back to what was. */
export const durability = {
  noAnswer:
    "The server does not answer, so files cannot be created, renamed or deleted just now. Try again when it does.",
  saved: "saved",
  saving: "saving…",
  notYet: "not saved yet",
  keptHere: "not saved yet – kept in this browser",
  onlyHere: "not saved – only in this page",
  refused: "not saved",
  conflict: "not saved – two versions",
  keptNotice:
    "The server does not answer. What you type is kept in this browser, and saved when the server answers again.",
  onlyHereNotice:
    "The server does not answer, and this browser keeps nothing for us (a private window, or no room). Leave this page open until it says “saved”; we keep trying.",
  keepingRefused:
    "This browser keeps nothing for us (a private window, or no room). Leave this page open until it says “saved”.",
  tryNow: "Try now",
  recovered: (files: string) =>
    `What you typed in ${files} before the page was closed was kept in this browser. It is back.`,
  good: "Good",

  // The timeline.
  history: "History",
  historyEmpty: "What you save and hand in is listed here, so that you can look at it again and go back to it.",
  fetchingHistory: "Fetching the history…",
  older: "Show older",
  forgotten: "What is older is no longer kept.",
  beginning: "This is where you began.",
  today: "Today",
  yesterday: "Yesterday",
  handedIn: (word: string) => `Handed in: ${word}`,
  handInResult: { waiting: "waiting", passed: "passed", not_passed: "not passed", did_not_count: "did not count" },
  showResult: "Show the result",
  by: {
    learner: "you",
    program: "a program",
    lesson: "the lesson",
    restored: "you, going back",
    reset: "you, starting over",
  },
  changes: { added: "new", changed: "changed", removed: "deleted" },
  moreFiles: (count: number) => `and ${format.number(count)} more`,
  sameAsNow: "Nothing is different now.",
  compared: {
    different: "is different now",
    only_then: "is not there now",
    only_now: "was not there",
  },
  fetchingFiles: "Looking at the files…",
  compare: "Compare",
  compareOne: (file: string) => `Compare ${file}`,
  restore: "Put back",
  restoreOne: (file: string) => `Put ${file} back`,
  removeOne: (file: string) => `Remove ${file}, which was not there`,
  remove: "Remove",
  restoreAll: "Put everything back",
  restoreTitle: (when: string) => `Put all files back as they were on ${when}?`,
  restoreHandInTitle: "Put back the files that you handed in?",
  restoreChanges: (count: number) =>
    `${format.counted(count, { one: "file becomes", other: "files become" })} what it was.`,
  restoreRemoves: (files: string) => `What was not there then is removed: ${files}.`,
  restoreUndo: "What you have now stays in the history, and you can undo this.",
  keepNow: "Leave them as they are",
  restoreUnsaved:
    "Not everything you typed is saved yet, and it would be lost, so nothing was changed. Try again when it is saved.",
  compareTitle: (file: string) => `${file}, then and now`,
  asOf: (when: string) => `On ${when}`,
  asHandedIn: "As handed in",
  now: "Now",
  notTextThen: "This is not text, so it cannot be shown side by side.",
  comparing: "Putting both side by side…",
  close: "Close",

  // Starting over.
  resetOne: (file: string) => `Reset ${file}`,
  reset: "Reset",
  resetFileTitle: (file: string) => `Reset ${file}?`,
  resetFileMore: "It becomes what the lesson gave you to begin with.",
  resetLesson: "Start over",
  resetLessonTitle: "Start the lesson over?",
  resetLessonMore:
    "All files become what the lesson gave you to begin with, and files you added are removed, also in your machine. Your hand-ins stay.",
  undo: "Undo",
  dismiss: "Dismiss",
  done: {
    restored: (files: string) => `Put back: ${files}.`,
    reset: (files: string) => `Reset: ${files}.`,
    undone: (files: string) => `Undone: ${files}.`,
    nothing: "Everything is like that already.",
  },

  // Two versions.
  conflictTitle: (file: string) => `Two versions of ${file}`,
  conflictMore:
    "The other version is on the left, yours on the right. You can edit yours here, and take over parts of the other with the arrows between.",
  conflictMoreNarrow: "This is yours, marked where the other version differs. You can edit it here.",
  theirs: "The other version",
  mine: "Yours",
  look: "Look at both",
  keepMine: "Keep mine",
  keepTheirs: "Keep the other",
  letGo: "Let it go",
  saveMerge: "Save what is on the right",
  saveMergeNarrow: "Save what is shown",
  later: "Decide later",
  takeOver: "Take this over",
};
