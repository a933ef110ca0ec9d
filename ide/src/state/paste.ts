// What happens to a pasted text before it goes into a terminal. Pure.

/**
 * Above this a paste is refused. A large source file is a tenth of it; a terminal takes it at the speed of its program,
 * and nobody wants to wait for more, or could stop it.
 */
export const MAX_PASTE_BYTES = 256 * 1024;
/** Lines of a paste that are shown before it is allowed. */
export const PREVIEW_LINES = 6;

export type Paste =
  | { type: "paste"; text: string }
  /** What runs would take each line as soon as it comes: a person decides. */
  | { type: "ask"; text: string; lines: number; preview: string[] }
  | { type: "too_much" };

/** `bracketed`: what runs tells a paste from typing and shows it first, as a shell's prompt does. */
export function judgePaste(pasted: string, bracketed: boolean): Paste {
  const text = harmless(pasted);
  // At least one byte per UTF-16 unit, so what is far too long is not encoded only to be counted.
  if (text.length > MAX_PASTE_BYTES || new TextEncoder().encode(text).length > MAX_PASTE_BYTES)
    return { type: "too_much" };
  const lines = text.replace(/\n+$/, "").split("\n");
  // One line is no more than what a person types, its Enter included.
  if (bracketed || lines.length === 1) return { type: "paste", text };
  return { type: "ask", text, lines: lines.length, preview: lines.slice(0, PREVIEW_LINES) };
}

/**
 * A web page may put more on the clipboard than it shows: an Escape could end a bracketed paste early, other control
 * characters press keys. Only tabs and line ends stay.
 */
function harmless(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
  return text.replace(/\r\n?/g, "\n").replace(/[\x00-\x08\x0b-\x1f\x7f-\x9f]/g, "");
}
