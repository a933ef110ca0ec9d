// Finds the two values that a failing test compares, in the words of whatever framework wrote them. Pure. What is not one
// of the two is kept around them, so that nothing of a message is lost.

export interface Comparison {
  /** What stands before the two, most often the statement that did not hold. */
  before: string;
  expected: string;
  got: string;
  /** What stands after them, most often the steps that led there. */
  after: string;
}

const LABELS: { side: "expected" | "got"; pattern: RegExp }[] = [
  { side: "expected", pattern: /^[\s+>-]*(?:expected|wanted|want)\s*:(.*)$/i },
  { side: "got", pattern: /^[\s+>-]*(?:got|actual|found|received)\s*:(.*)$/i },
];

/** What our Python tests write above a comparison of texts line by line; see lesson-images' gradus_explain.py. */
const LINE_BY_LINE = /^lines with - came but are not expected, lines with \+ are missing:$/;
const LINE_OF_EITHER = /^([ +-]) (.*)$/;

/** The two values, if the message names both; they may stand beside their labels or indented below them. */
export function expectedAndGot(message: string): Comparison | null {
  const lines = message.split("\n");
  return labelled(lines) ?? lineByLine(lines);
}

function labelled(lines: string[]): Comparison | null {
  const values: Partial<Record<"expected" | "got", string>> = {};
  const rest: { before: string[]; after: string[] } = { before: [], after: [] };
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at] ?? "";
    const label = LABELS.find(({ side, pattern }) => values[side] === undefined && pattern.test(line));
    if (!label) {
      (Object.keys(values).length < 2 ? rest.before : rest.after).push(line);
      continue;
    }
    const beside = label.pattern.exec(line)?.[1]?.trim() ?? "";
    const below = beside === "" ? indentedAfter(lines, at) : [];
    values[label.side] = beside === "" ? below.map(text => text.slice(INDENT)).join("\n") : beside;
    at += below.length;
  }
  const { expected, got } = values;
  if (expected === undefined || got === undefined) return null;
  return { before: text(rest.before), expected, got, after: text(rest.after) };
}

/** Characters by which our runners indent a value that has lines of its own. */
const INDENT = 4;

function indentedAfter(lines: string[], at: number): string[] {
  const below: string[] = [];
  for (const line of lines.slice(at + 1)) {
    if (line !== "" && !line.startsWith(" ".repeat(INDENT))) break;
    below.push(line);
  }
  while (below.at(-1) === "") below.pop();
  return below;
}

function lineByLine(lines: string[]): Comparison | null {
  const head = lines.findIndex(line => LINE_BY_LINE.test(line));
  if (head < 0) return null;
  const expected: string[] = [];
  const got: string[] = [];
  let at = head + 1;
  for (; at < lines.length; at += 1) {
    // A line of both may have lost the spaces of an empty text at its end.
    const line = lines[at] === "" ? "  " : (lines[at] ?? "");
    const [, mark, own = ""] = LINE_OF_EITHER.exec(line) ?? (/^[+-]$/.test(line) ? [line, line, ""] : []);
    if (mark === undefined) break;
    if (mark !== "-") expected.push(own);
    if (mark !== "+") got.push(own);
  }
  const [before, after] = [lines.slice(0, head), lines.slice(at)];
  return { before: text(before), expected: expected.join("\n"), got: got.join("\n"), after: text(after) };
}

function text(lines: string[]): string {
  return lines.join("\n").replace(/^\n+|\s+$/g, "");
}
