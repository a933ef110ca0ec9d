/** The lesson's text and its hints. */
export const lesson = {
  fetching: "Fetching the lesson…",
  text: "Lesson text",
  hints: "Hints",
  hint: (number: number, of: number) => `Hint ${number} of ${of}`,
  showHint: "Show a hint",
  showNextHint: "Show the next hint",
  hintCount: (number: number, of: number) => `${number} of ${of}`,
  passed: "You have passed this lesson.",
  goOn: "Go on to the next one",
};
