// Keys that the keyboards of phones and tablets lack. Shown where the finger is the pointer (see terminal.css).
import { ArrowDown, ArrowLeft, ArrowRight, ArrowUp } from "lucide-react";
import type { PointerEvent, ReactNode } from "react";
import { words } from "../words/words";
import { TOUCH_KEYS, type TouchKey } from "./keys";
import type { XtermScreen } from "./screen";

const FACES: Partial<Record<TouchKey, ReactNode>> = {
  Escape: "Esc",
  ArrowLeft: <ArrowLeft size={16} aria-hidden="true" />,
  ArrowDown: <ArrowDown size={16} aria-hidden="true" />,
  ArrowUp: <ArrowUp size={16} aria-hidden="true" />,
  ArrowRight: <ArrowRight size={16} aria-hidden="true" />,
};

interface Props {
  screen: XtermScreen;
  /** Ctrl is held for the next key. */
  ctrl: boolean;
  setCtrl: (held: boolean) => void;
}

export function TouchRow({ screen, ctrl, setCtrl }: Props) {
  return (
    <div className="touch-row" role="toolbar" aria-label={words.terminal.onScreenKeys} onPointerDown={keepFocus}>
      <button type="button" aria-pressed={ctrl} onClick={() => setCtrl(!ctrl)}>
        Ctrl
      </button>
      {TOUCH_KEYS.map(key => (
        <button key={key} type="button" aria-label={key} onClick={() => screen.touch(key)}>
          {FACES[key] ?? key}
        </button>
      ))}
    </div>
  );
}

/** The terminal keeps the focus, or the keyboard on the screen would go away. */
function keepFocus(event: PointerEvent): void {
  event.preventDefault();
}
