// What one step of indent is in a file: as the file has it, else as the person wants it. Pure.

/** Enough lines to tell; a file of 1 MiB is not read for it. */
export const INDENT_LOOKS_AT = 20_000;
const WIDEST_STEP = 8;

export function indentOf(path: string, text: string, width: number): string {
  // In a recipe only a tab will do.
  if (/(^|\/)(GNU)?[Mm]akefile$|\.mk$/.test(path)) return "\t";
  return stepIn(text.slice(0, INDENT_LOOKS_AT)) ?? " ".repeat(width);
}

/** The commonest difference between a line and the one before that it is indented further than. */
function stepIn(text: string): string | null {
  const steps = new Map<string, number>();
  let before = "";
  for (const [, indent = ""] of text.matchAll(/^([ \t]*)\S/gm)) {
    const step = indent.startsWith(before) ? indent.slice(before.length) : "";
    if (isStep(step)) steps.set(step, (steps.get(step) ?? 0) + 1);
    before = indent;
  }
  const [commonest] = [...steps].sort(([, a], [, b]) => b - a);
  return commonest?.[0] ?? null;
}

/** One space is an alignment (` * ` in a comment), more than eight are too. */
function isStep(step: string): boolean {
  return step === "\t" || (/^ +$/.test(step) && step.length > 1 && step.length <= WIDEST_STEP);
}
