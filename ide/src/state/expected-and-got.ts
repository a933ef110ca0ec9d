// Finds the two values that a failing test compares, in the words of whatever framework wrote them. Pure, and a guess:
// the message itself is always shown too.

const EXPECTED = /^[\s+>-]*(?:expected|wanted|want)\s*:\s*(.+)$/im;
const GOT = /^[\s+>-]*(?:got|actual|found|received)\s*:\s*(.+)$/im;

/** Many frameworks name the two values on lines of their own; then they can stand side by side. */
export function expectedAndGot(message: string): { expected: string; got: string } | null {
  const expected = EXPECTED.exec(message)?.[1]?.trim();
  const got = GOT.exec(message)?.[1]?.trim();
  return expected !== undefined && got !== undefined ? { expected, got } : null;
}
