// Finds the places in files that compilers, interpreters and test runners name in their messages: `x.c:3:5`, `File "x.py",
// line 12`, `./run.sh: line 3`. Pure, and careful: only files that the workspace has become places.

export interface Place {
  path: string;
  /** From 1. */
  line: number;
  /** From 1, in characters; null when it was not said. */
  column: number | null;
}

/** A stretch of a text: plain, or naming a place. */
export interface Piece {
  text: string;
  place: Place | null;
}

/** Places marked in one text; a thousand links help nobody. */
const MAX_PLACES = 200;

// A name ends where no message's punctuation could belong to it; bounded, so that hostile output costs little.
const NAME = "[^\\s:\"'`()<>\\[\\]{},;|=]{1,300}";
const PATTERN = new RegExp(
  [
    // Python: File "x.py", line 12
    '"([^"\\n]{1,300})", line (\\d{1,7})',
    // tests/pipes.bats, line 3 · ./run.sh: line 3
    `((?:file://)?${NAME})(?:, |: )line (\\d{1,7})`,
    // x.c:3:5 · x.py:12
    `((?:file://)?${NAME}):(\\d{1,7})(?::(\\d{1,5}))?(?!\\d)`,
  ].join("|"),
  "g",
);

/** The workspace's folder in the container, and other ways to say "here". */
const HERE = /^(?:file:\/\/)?(?:\/home\/learner\/work\/|~\/work\/|(?:\.\/)+)/;

/** `text` in pieces; put together they are `text` again. */
export function piecesOf(text: string, paths: ReadonlySet<string>): Piece[] {
  const pieces: Piece[] = [];
  let shown = 0;
  let places = 0;
  for (const found of text.matchAll(PATTERN)) {
    const place = placeOf(found, paths);
    if (!place || places === MAX_PLACES) continue;
    places += 1;
    if (found.index > shown) pieces.push({ text: text.slice(shown, found.index), place: null });
    pieces.push({ text: found[0], place });
    shown = found.index + found[0].length;
  }
  if (shown < text.length) pieces.push({ text: text.slice(shown), place: null });
  return pieces;
}

function placeOf(found: RegExpMatchArray, paths: ReadonlySet<string>): Place | null {
  const [, quoted, quotedLine, worded, wordedLine, named, namedLine, column] = found;
  const path = (quoted ?? worded ?? named ?? "").replace(HERE, "");
  const line = Number(quotedLine ?? wordedLine ?? namedLine);
  if (!paths.has(path) || line < 1) return null;
  return { path, line, column: column === undefined ? null : Math.max(1, Number(column)) };
}
