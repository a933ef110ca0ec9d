// What differs between two texts that should be the same, for marking it in both. Pure.

export interface Stretch {
  text: string;
  differs: boolean;
}

/** Words, runs of spaces and single other characters: marked whole, so that a mark is something one can see. */
const TOKENS = /[\p{L}\p{N}_]+|[ \t]+|\n|./gsu;

/** Tokens of each text that are compared one by one; their product is what comparing costs. */
const MAX_TOKENS = 600;

/** Both texts in stretches; where they are equal, neither has one that differs. */
export function differing(expected: string, got: string): { expected: Stretch[]; got: Stretch[] } {
  const [a, b] = [expected.match(TOKENS) ?? [], got.match(TOKENS) ?? []];
  let head = 0;
  while (head < Math.min(a.length, b.length) && a[head] === b[head]) head += 1;
  let tail = 0;
  while (tail < Math.min(a.length, b.length) - head && a.at(-1 - tail) === b.at(-1 - tail)) tail += 1;
  const [middleA, middleB] = [a.slice(head, a.length - tail), b.slice(head, b.length - tail)];
  const common = commonTokens(middleA, middleB);
  const whole = (tokens: string[], middle: string[], kept: Set<number>) =>
    joined([
      ...tokens.slice(0, head).map(text => ({ text, differs: false })),
      ...middle.map((text, at) => ({ text, differs: !kept.has(at) })),
      ...tokens.slice(tokens.length - tail).map(text => ({ text, differs: false })),
    ]);
  return { expected: whole(a, middleA, common.inA), got: whole(b, middleB, common.inB) };
}

/** The longest sequence of tokens that both have in order: where its tokens stand in each. */
function commonTokens(a: string[], b: string[]): { inA: Set<number>; inB: Set<number> } {
  const kept = { inA: new Set<number>(), inB: new Set<number>() };
  if (a.length > MAX_TOKENS || b.length > MAX_TOKENS) return kept;
  const width = b.length + 1;
  // lengths[i * width + j]: how long the common sequence of a from i and b from j is.
  const lengths = new Uint16Array((a.length + 1) * width);
  const length = (i: number, j: number) => lengths[i * width + j] ?? 0;
  for (let i = a.length - 1; i >= 0; i -= 1) {
    for (let j = b.length - 1; j >= 0; j -= 1) {
      lengths[i * width + j] = a[i] === b[j] ? length(i + 1, j + 1) + 1 : Math.max(length(i + 1, j), length(i, j + 1));
    }
  }
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    if (a[i] === b[j]) {
      kept.inA.add(i++);
      kept.inB.add(j++);
    } else if (length(i + 1, j) >= length(i, j + 1)) i += 1;
    else j += 1;
  }
  return kept;
}

function joined(stretches: Stretch[]): Stretch[] {
  const all: Stretch[] = [];
  for (const { text, differs } of stretches) {
    const last = all.at(-1);
    if (last?.differs === differs) last.text += text;
    else all.push({ text, differs });
  }
  return all;
}
