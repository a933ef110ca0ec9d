/** Terminals, and what to read where there is none. */
export const terminal = {
  title: (id: number) => `Terminal ${id}`,
  tab: (id: number) => `terminal ${id}`,
  list: "Terminals",
  open: "New terminal",
  openFirst: "Open a terminal",
  openAnother: "Open a new one",
  none: "No terminal is open.",
  fetching: "Fetching the terminal…",
  ended: "This shell has ended.",
  endedWithCode: (code: number) => `This shell has ended with code ${code}.`,
  endedBySignal: (signal: string) => `This shell has ended: ${signal}.`,
  gap: "What was here before is no longer kept; the terminal goes on below.",
  tooMuchToPaste: "That is too much to paste at once. Put it into a file instead.",
  askedWithFiles: "Your machine is asked for with your files.",
  noMachine: "There is no machine yet. You can read and edit all the same.",
  machineStopped: "Your machine is stopped. Your files are kept.",
  queued: "Waiting for a free machine. You can read and edit all the same.",
  starting: "Starting your machine…",
  soon: "A shell opens here as soon as your machine is there.",

  // A link that a program printed.
  linkTitle: "Open this address?",
  linkMore: "A program in your terminal shows this link. It leads out of Gradus:",
  stayHere: "Stay here",
  openInNewTab: "Open in a new tab",
};
