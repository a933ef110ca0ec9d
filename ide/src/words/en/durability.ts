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
};
