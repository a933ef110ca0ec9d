// What a person chose about the screen, kept in this browser.
import type { Catalogue } from "../words/words";
import { Store } from "./store";

export type Theme = "system" | "light" | "dark" | "contrast";

export interface Settings {
  theme: Theme;
  /** Reads terminal output out; slower, so off unless wanted. */
  screenReader: boolean;
  /** Of code and terminal, in pixels. */
  codeSize: number;
  wrapLines: boolean;
  /** "system": the first of the browser's languages that there are words for. */
  language: "system" | Catalogue;
}

export const CODE_SIZES = [12, 13, 14, 16, 18, 20] as const;
const DEFAULTS: Settings = { theme: "system", screenReader: false, codeSize: 14, wrapLines: true, language: "system" };
const KEY = "gradus.settings";

/** Private windows may refuse storage; then a choice lasts as long as the page. */
export function readStored(key: string): unknown {
  try {
    return JSON.parse(localStorage.getItem(key) ?? "null");
  } catch {
    return null;
  }
}

export function writeStored(key: string, value: unknown): void {
  try {
    localStorage.setItem(key, JSON.stringify(value));
  } catch {
    // See readStored.
  }
}

function load(): Settings {
  const stored = readStored(KEY);
  return typeof stored === "object" && stored !== null ? { ...DEFAULTS, ...stored } : DEFAULTS;
}

export const settings = new Store<Settings>(load());

export function choose(change: Partial<Settings>): void {
  settings.update(now => ({ ...now, ...change }));
  writeStored(KEY, settings.get());
}
