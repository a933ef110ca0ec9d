// Looks for text in one terminal and says how often it is there.
import { ChevronDown, ChevronUp, X } from "lucide-react";
import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import { words } from "../words/words";
import type { XtermScreen } from "./screen";
import type { Found } from "./search";

export function FindBar({ screen, close }: { screen: XtermScreen; close: () => void }) {
  const field = useRef<HTMLInputElement>(null);
  const [text, setText] = useState("");
  const [found, setFound] = useState<Found | null>(null);

  useEffect(() => {
    field.current?.focus();
    return () => screen.endFind();
  }, [screen]);

  const look = (way: "next" | "previous", wanted = text, grows = false) =>
    void screen.find(wanted, way, grows, setFound).catch(close);
  const end = () => {
    close();
    screen.focus();
  };
  const keyOn = (event: KeyboardEvent) => {
    if (event.key === "Escape") end();
    else if (event.key === "Enter" && !event.ctrlKey && !event.metaKey) look(event.shiftKey ? "next" : "previous");
    else return;
    event.preventDefault();
  };
  return (
    <search className="find-bar" onKeyDown={keyOn}>
      <input
        ref={field}
        type="text"
        aria-label={words.terminal.find}
        placeholder={words.terminal.find}
        spellCheck={false}
        autoComplete="off"
        value={text}
        onChange={({ target }) => {
          setText(target.value);
          // What was printed last is what people look for: from the end upwards.
          look("previous", target.value, true);
        }}
      />
      <span className="found" role="status">
        {text && found ? foundWords(found) : ""}
      </span>
      <button type="button" className="icon" aria-label={words.terminal.findPrevious} onClick={() => look("previous")}>
        <ChevronUp size={16} aria-hidden="true" />
      </button>
      <button type="button" className="icon" aria-label={words.terminal.findNext} onClick={() => look("next")}>
        <ChevronDown size={16} aria-hidden="true" />
      </button>
      <button type="button" className="icon" aria-label={words.terminal.findClose} onClick={end}>
        <X size={16} aria-hidden="true" />
      </button>
    </search>
  );
}

function foundWords({ at, count, more }: Found): string {
  if (count === 0) return words.terminal.foundNone;
  return more ? words.terminal.foundMany(count) : words.terminal.found(at, count);
}
