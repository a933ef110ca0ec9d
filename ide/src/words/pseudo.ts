// A catalogue that no one speaks, for tests: every text in brackets and a third longer, as German or Finnish would be.

/** Other languages need about this much more room than English. */
const LONGER = 0.35;
const OPEN = "⟦";
const CLOSE = "⟧";
const PADDING = "·";

export function pseudo<T>(words: T): T {
  return longer(words) as T;
}

function longer(value: unknown): unknown {
  if (typeof value === "string") return stretch(value);
  if (typeof value === "function") return (...given: unknown[]) => longer(value(...given));
  if (Array.isArray(value)) return value.map(longer);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, longer(inner)]));
}

/** Text that an inner function stretched already keeps its length, and gets no second pair of brackets. */
function stretch(text: string): string {
  if (text === "") return text;
  const bare = text.replaceAll(/[⟦⟧]/g, "");
  const padding = bare.includes(PADDING) ? 0 : Math.ceil(bare.length * LONGER);
  return `${OPEN}${bare}${PADDING.repeat(padding)}${CLOSE}`;
}
