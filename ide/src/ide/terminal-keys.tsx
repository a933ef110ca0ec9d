// The keys of a terminal, to be looked up: browsers and programs leave few, so they are not what one would guess.
import { Keyboard } from "lucide-react";
import { useId } from "react";
import { words } from "../words/words";

const APPLE = /Mac|iP(hone|ad|od)/.test(globalThis.navigator?.platform ?? "");

export function TerminalKeys() {
  const id = useId();
  return (
    <>
      <button
        type="button"
        className="icon"
        popoverTarget={id}
        aria-label={words.terminal.keys}
        title={words.terminal.keys}
      >
        <Keyboard size={16} aria-hidden="true" />
      </button>
      <div id={id} popover="auto" className="menu key-list">
        <p className="menu-name">{words.terminal.keys}</p>
        <dl>
          {rows().map(([what, keys]) => (
            <div key={what}>
              <dt>{what}</dt>
              <dd>
                <kbd>{keys}</kbd>
              </dd>
            </div>
          ))}
        </dl>
      </div>
    </>
  );
}

function rows(): [string, string][] {
  const t = words.terminal;
  return [
    [t.keyLeave, "F6"],
    [t.keyCopy, APPLE ? "⌘ C" : "Ctrl Shift C"],
    [t.keyPaste, APPLE ? "⌘ V" : "Ctrl Shift V"],
    [t.keyFind, "Ctrl Shift F"],
    [t.keySelect, `${APPLE ? "⌥" : "Shift"} ${t.drag}`],
    [t.keyScroll, "Shift PgUp, PgDn"],
    [t.keyNew, "Ctrl Shift `"],
    [t.keyStep, "Ctrl Shift ←, →"],
    [t.keyClose, "F6, Delete"],
  ];
}
