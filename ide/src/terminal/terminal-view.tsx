// One terminal on the page: gives an XtermScreen a place, a size and the focus, and asks before a paste or a link goes
// through. Loaded lazily with xterm.js.
import { useEffect, useRef, useState } from "react";
import { judgePaste, type Paste } from "../state/paste";
import { settings } from "../state/settings";
import type { Terminals } from "../state/terminals";
import { LinkDialog } from "../ui/link-dialog";
import { colours } from "../ui/theme";
import { useStore } from "../ui/use-store";
import { words } from "../words/words";
import { FindBar } from "./find-bar";
import { type Action, withCtrl } from "./keys";
import { PasteDialog } from "./paste-dialog";
import { codeFont, XtermScreen } from "./screen";
import { TouchRow } from "./touch-row";
import type { Widths } from "./widths";

/** Dragging a splitter tells the program its size when the hand rests, not sixty times a second. */
const RESIZE_PAUSE_MS = 80;

interface Props {
  terminals: Terminals;
  id: number;
  /** Its key. */
  of: number;
  shown: boolean;
  /** The find bar is open. */
  finding: boolean;
  find: (open: boolean) => void;
  /** Puts the keyboard elsewhere. */
  leave: () => void;
}

export default function TerminalView({ terminals, id, of, shown, finding, find, leave }: Props) {
  const host = useRef<HTMLDivElement>(null);
  const [screen, setScreen] = useState<XtermScreen | null>(null);
  const [link, setLink] = useState<string | null>(null);
  const [asked, setAsked] = useState<Extract<Paste, { type: "ask" }> | null>(null);
  const [tooMuch, setTooMuch] = useState(false);
  const [ctrl, setCtrl] = useState(false);
  const held = useRef(false);
  held.current = ctrl;
  const chosen = useStore(settings);
  const theme = useStore(colours);
  const { focus } = useStore(terminals.view);

  useEffect(() => {
    const place = host.current;
    if (!place) return;
    const leaving = new AbortController();
    const act: Record<Exclude<Action, "copy">, () => void> = {
      leave,
      find: () => find(true),
      new: terminals.open,
      next: () => terminals.step(1),
      previous: () => terminals.step(-1),
    };
    const typed = (bytes: Uint8Array) => {
      setCtrl(false);
      setTooMuch(!terminals.type(of, held.current ? controlled(bytes) : bytes));
    };
    void Promise.all([codeFont(), widths()]).then(([, widths]) => {
      if (leaving.signal.aborted) return;
      const xterm = new XtermScreen(place, settings.get(), widths, {
        typed,
        pasted: (text, bracketed) => {
          const paste = judgePaste(text, bracketed);
          setTooMuch(paste.type === "too_much");
          if (paste.type === "paste") xterm.paste(paste.text);
          if (paste.type === "ask") setAsked(paste);
        },
        link: setLink,
        pressed: action => act[action](),
        present: () => terminals.isWorkedWith(of) && document.visibilityState === "visible",
      });
      setScreen(xterm);
      const fill = () => {
        if (terminals.onlyLooks) return;
        const size = xterm.fit();
        if (size) terminals.resize(of, size);
      };
      fill();
      const disconnect = terminals.connectScreen(of, xterm);
      const stopWatching = onResize(place, fill);
      leaving.signal.addEventListener("abort", () => {
        stopWatching();
        disconnect();
        xterm.dispose();
        setScreen(null);
      });
    });
    return () => leaving.abort();
  }, [terminals, of, find, leave]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: `theme` changes what `apply` reads from the page
  useEffect(() => {
    if (host.current) screen?.apply(chosen, host.current);
  }, [screen, chosen, theme]);

  useEffect(() => {
    if (shown && focus === of) screen?.focus();
  }, [screen, shown, focus, of]);

  return (
    <section className="shell" aria-label={words.terminal.title(id)} hidden={!shown}>
      {finding && shown && screen && <FindBar screen={screen} close={() => find(false)} />}
      <div className="shell-host" ref={host} />
      {tooMuch && (
        <p className="terminal-note" role="alert">
          {words.terminal.tooMuchToPaste}
        </p>
      )}
      {screen && <TouchRow screen={screen} ctrl={ctrl} setCtrl={setCtrl} />}
      {asked && (
        <PasteDialog
          paste={asked}
          close={() => setAsked(null)}
          agree={() => {
            screen?.paste(asked.text);
            screen?.focus();
          }}
        />
      )}
      {link && <LinkDialog address={link} close={() => setLink(null)} />}
    </section>
  );
}

/** Without its chunk the terminal works, only wide characters may stand wrongly. */
function widths(): Promise<Widths | null> {
  return import("./widths").then(
    ({ unicode11 }) => unicode11,
    () => null,
  );
}

/** The Ctrl of the touch row was pressed before this was typed. */
function controlled(bytes: Uint8Array): Uint8Array {
  return new TextEncoder().encode(withCtrl(new TextDecoder().decode(bytes)));
}

function onResize(place: HTMLElement, fit: () => void): () => void {
  let timer: ReturnType<typeof setTimeout>;
  const observer = new ResizeObserver(() => {
    clearTimeout(timer);
    timer = setTimeout(fit, RESIZE_PAUSE_MS);
  });
  observer.observe(place);
  return () => {
    clearTimeout(timer);
    observer.disconnect();
  };
}
