// The keys that do not go to the program in a terminal, and what the keys on a touch screen send. Pure.

export type Action = "leave" | "copy" | "find" | "new" | "next" | "previous";

export type KeyPress = Pick<KeyboardEvent, "key" | "code" | "ctrlKey" | "metaKey" | "altKey" | "shiftKey">;

/** Programs get Tab and Escape, so another key has to lead out. With a modifier it goes to the program. */
export const LEAVE_KEY = "F6";

/** By place on the keyboard (`code`), as Shift changes what a key writes. Ctrl alone always goes to the program. */
const WITH_CTRL_SHIFT: Record<string, Action> = {
  KeyC: "copy",
  KeyF: "find",
  Backquote: "new",
  ArrowRight: "next",
  ArrowLeft: "previous",
};

export function actionOf({ key, code, ctrlKey, metaKey, altKey, shiftKey }: KeyPress): Action | null {
  if (metaKey || altKey) return null;
  if (ctrlKey && shiftKey) return WITH_CTRL_SHIFT[code] ?? null;
  if (ctrlKey && code === "Insert") return "copy";
  return key === LEAVE_KEY && !ctrlKey && !shiftKey ? "leave" : null;
}

/** The page's own, wherever the keyboard is: running the tests. */
export function isOfPage({ key, ctrlKey, metaKey }: KeyPress): boolean {
  return key === "Enter" && (ctrlKey || metaKey);
}

export const TOUCH_KEYS = ["Escape", "Tab", "|", "ArrowLeft", "ArrowDown", "ArrowUp", "ArrowRight"] as const;
export type TouchKey = (typeof TOUCH_KEYS)[number];

const ARROWS: Partial<Record<TouchKey, string>> = { ArrowUp: "A", ArrowDown: "B", ArrowRight: "C", ArrowLeft: "D" };

/** `application`: the program has asked for arrows of the other kind (DECCKM). */
export function touched(key: TouchKey, application: boolean): string {
  if (key === "Escape") return "\x1b";
  if (key === "Tab") return "\t";
  const arrow = ARROWS[key];
  return arrow ? `\x1b${application ? "O" : "["}${arrow}` : key;
}

/** What Ctrl makes of a typed character; anything it makes nothing of stays as it is. */
export function withCtrl(typed: string): string {
  if (!/^[a-zA-Z@[\\\]^_ ]$/.test(typed)) return typed;
  return String.fromCharCode(typed.toUpperCase().charCodeAt(0) & 0x1f);
}
