/** Looking on: for those who do, and for the learner who lets them. */
export const mentor = {
  // For the learner.
  asks: (name: string) => `${name} asks to look on.`,
  asksMore: "They would see your files and terminals as you work, and can change nothing. You can end it at any time.",
  allow: "Let them look on",
  refuse: "Not now",
  looksOn: (name: string) => `${name} is looking on.`,
  mayLookOn: (name: string) => `${name} may look on.`,
  stop: "Stop",
  pointsHere: (name: string) => `${name} points here`,
  pointsAt: (path: string, line: number) => `They point at ${path}, line ${line}.`,
  goThere: "Go there",
  forget: "Done",
  link: "Working right now",
};
