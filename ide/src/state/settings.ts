// What a person chose about the screen: each field with its possible values and its default. Kept in this browser for an
// instant start; `settings-sync.ts` brings it to the server and to other devices.
import type { SettingValue } from "../protocol/generated";
import { type Catalogue, isCatalogue } from "../words/words";
import { type Copy, chosen, type Fields, fieldsOf, readCopy } from "./settings-copy";
import { Store } from "./store";

export type Theme = "system" | "light" | "dark" | "contrast";
/** Whether Tab in the editor indents, or goes on to the next control as everywhere else. */
export type TabKey = "indents" | "moves";
/** As the program chose them, AA of WCAG, AAA. */
export type Contrast = "none" | "readable" | "high";

export interface Settings {
  theme: Theme;
  /** Reads terminal output out; slower, so off unless wanted. */
  screenReader: boolean;
  /** Of code and terminal, in pixels. */
  codeSize: number;
  wrapLines: boolean;
  lineNumbers: boolean;
  /** Columns of a tab, and of an indent where the file does not show its own. */
  tabWidth: number;
  tabKey: TabKey;
  vimKeys: boolean;
  /** What the colours that programs choose in the terminal are brought up to. */
  minimumContrast: Contrast;
  /** "system": the first of the browser's languages that there are words for. */
  language: "system" | Catalogue;
}

export const THEMES: readonly Theme[] = ["system", "light", "dark", "contrast"];
export const CODE_SIZES: readonly number[] = [12, 13, 14, 16, 18, 20, 24];
export const TAB_WIDTHS: readonly number[] = [2, 4, 8];
export const TAB_KEYS: readonly TabKey[] = ["indents", "moves"];
export const CONTRASTS: readonly Contrast[] = ["none", "readable", "high"];

const DEFAULTS: Settings = {
  theme: "system",
  screenReader: false,
  codeSize: 14,
  wrapLines: true,
  lineNumbers: true,
  tabWidth: 4,
  tabKey: "indents",
  vimKeys: false,
  minimumContrast: "readable",
  language: "system",
};

type Check = (value: SettingValue) => boolean;
const oneOf =
  (values: readonly SettingValue[]): Check =>
  value =>
    values.includes(value);
const isSwitch: Check = value => typeof value === "boolean";

const CHECKS: Record<keyof Settings, Check> = {
  theme: oneOf(THEMES),
  screenReader: isSwitch,
  codeSize: oneOf(CODE_SIZES),
  wrapLines: isSwitch,
  lineNumbers: isSwitch,
  tabWidth: oneOf(TAB_WIDTHS),
  tabKey: oneOf(TAB_KEYS),
  vimKeys: isSwitch,
  minimumContrast: oneOf(CONTRASTS),
  language: value => value === "system" || isCatalogue(value),
};

/** Fields of another version of the IDE, or with a value of one, are as if nothing had been chosen. */
export function settingsOf(fields: Fields): Settings {
  const known = Object.entries(CHECKS).filter(([field, check]) => {
    const value = fields[field];
    return value !== undefined && check(value);
  });
  return { ...DEFAULTS, ...Object.fromEntries(known.map(([field]) => [field, fields[field]])) };
}

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

/** The copy in this browser. Set it, and it is kept. */
export const copy = new Store<Copy>(readCopy(readStored(KEY)));
export const settings = new Store<Settings>(settingsOf(fieldsOf(copy.get())));

copy.subscribe(() => {
  writeStored(KEY, copy.get());
  settings.set(settingsOf(fieldsOf(copy.get())));
});

export function choose(change: Partial<Settings>): void {
  copy.update(now => chosen(now, change));
}

/** Whether a choice outlives the page. */
export function isKept(): boolean {
  return readStored(KEY) !== null;
}

/** Another tab of this browser has kept a newer copy. */
export function followOtherTabs(): void {
  addEventListener("storage", ({ key }) => {
    if (key === KEY) copy.set(readCopy(readStored(KEY)));
  });
}
