// What a terminal answers to programs that ask it something, and when. An answer is typed into whatever reads the
// terminal, so a file with the right bytes in it, shown by `cat`, would type at the learner's prompt.
//
// So questions are answered only while a program has taken charge of the screen (an editor, a prompt that reads keys by
// itself), and then only those whose answer is fixed in form: numbers that the asker cannot choose, no line end.
import type { IFunctionIdentifier, IParser, Terminal } from "@xterm/xterm";

/** What it is, whether it is well, where the cursor is, which modes are set. */
const ASKED_BY_CSI: IFunctionIdentifier[] = [
  { final: "c" },
  { prefix: ">", final: "c" },
  { final: "n" },
  { prefix: "?", final: "n" },
  { intermediates: "$", final: "p" },
  { prefix: "?", intermediates: "$", final: "p" },
];
/** Colours: one of the palette, text, background, cursor. The same sequences set them when they hold no question mark. */
const ASKED_BY_OSC = [4, 10, 11, 12];
/** Settings (DECRQSS), whose answer would echo part of the question. */
const NEVER_ANSWERED: IFunctionIdentifier = { intermediates: "$", final: "q" };

/** `present`: a person works with this terminal on this page. Of two pages that show it, one has to answer. */
export function guardAnswers(terminal: Terminal, present: () => boolean): void {
  // A handler that says true has dealt with it: the terminal's own, which would answer, is not asked.
  const silent = () => !(isInCharge(terminal) && present());
  const parser: IParser = terminal.parser;
  for (const asked of ASKED_BY_CSI) parser.registerCsiHandler(asked, silent);
  for (const asked of ASKED_BY_OSC) parser.registerOscHandler(asked, data => data.includes("?") && silent());
  parser.registerDcsHandler(NEVER_ANSWERED, () => true);
}

/** Shells switch bracketed paste on while they read a line, and off while a program runs. */
function isInCharge({ buffer, modes }: Terminal): boolean {
  return buffer.active.type === "alternate" || modes.bracketedPasteMode;
}
