// Joins two texts that grew out of one, by lines. Pure. Loaded when it is first needed: most people never are.
import { diff3Merge } from "node-diff3";

/** Finding what two texts share takes time that grows with the product of their lengths; beyond this the learner decides. */
export const MAX_MERGED_LINES = 4_000;

/** What both changed apart from each other, in one text; null where the same lines changed in two ways. */
export function merge(base: string, mine: string, theirs: string): string | null {
  if (mine === theirs || theirs === base) return mine;
  if (mine === base) return theirs;
  const texts = [base, mine, theirs].map(text => text.split("\n")) as [string[], string[], string[]];
  const { head, tail } = shared(texts);
  const middles = texts.map(lines => lines.slice(head, lines.length - tail)) as typeof texts;
  if (middles.some(lines => lines.length > MAX_MERGED_LINES)) return null;
  const joined = joinLines(...middles);
  if (!joined) return null;
  const [lines] = texts;
  return [...lines.slice(0, head), ...joined, ...lines.slice(lines.length - tail)].join("\n");
}

function joinLines(base: string[], mine: string[], theirs: string[]): string[] | null {
  const joined: string[] = [];
  for (const region of diff3Merge(mine, base, theirs, { excludeFalseConflicts: true })) {
    if (!region.ok) return null;
    joined.push(...region.ok);
  }
  return joined;
}

/** How many lines all begin with, and how many of the others all end with. */
function shared(texts: [string[], string[], string[]]): { head: number; tail: number } {
  const [first, ...others] = texts;
  const shortest = Math.min(...texts.map(lines => lines.length));
  let head = 0;
  while (head < shortest && others.every(lines => lines[head] === first[head])) head += 1;
  let tail = 0;
  const isShared = (at: number) => others.every(lines => lines.at(-at) === first.at(-at));
  while (tail < shortest - head && isShared(tail + 1)) tail += 1;
  return { head, tail };
}
