// One terminal on the page: gives an XtermScreen a place, a size and the focus. Loaded lazily with xterm.js.
import { useEffect, useRef, useState } from "react";
import { settings } from "../state/settings";
import type { Terminals } from "../state/terminals";
import { LinkDialog } from "../ui/link-dialog";
import { colours } from "../ui/theme";
import { useStore } from "../ui/use-store";
import { words } from "../words/words";
import { codeFont, XtermScreen } from "./screen";

/** Dragging a splitter tells the program its size when the hand rests, not sixty times a second. */
const RESIZE_PAUSE_MS = 80;

interface Props {
  terminals: Terminals;
  id: number;
  shown: boolean;
  /** Puts the keyboard elsewhere. */
  leave: () => void;
}

export default function TerminalView({ terminals, id, shown, leave }: Props) {
  const host = useRef<HTMLDivElement>(null);
  const screen = useRef<XtermScreen | null>(null);
  const [link, setLink] = useState<string | null>(null);
  const [tooMuch, setTooMuch] = useState(false);
  const chosen = useStore(settings);
  const theme = useStore(colours);

  useEffect(() => {
    const place = host.current;
    if (!place) return;
    const leaving = new AbortController();
    void codeFont().then(() => {
      if (leaving.signal.aborted) return;
      const xterm = new XtermScreen(place, settings.get(), {
        typed: bytes => setTooMuch(!terminals.type(id, bytes)),
        link: setLink,
        leave,
      });
      screen.current = xterm;
      const fill = () => {
        const size = xterm.fit();
        if (size) terminals.resize(id, size);
      };
      fill();
      if (terminals.view.get().focus === id) xterm.focus();
      const disconnect = terminals.connectScreen(id, xterm);
      const stopWatching = onResize(place, fill);
      leaving.signal.addEventListener("abort", () => {
        stopWatching();
        disconnect();
        xterm.dispose();
        screen.current = null;
      });
    });
    return () => leaving.abort();
  }, [terminals, id, leave]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: `theme` changes what `apply` reads from the page
  useEffect(() => {
    if (host.current) screen.current?.apply(chosen, host.current);
  }, [chosen, theme]);

  return (
    <section className="shell" aria-label={words.terminal.title(id)} hidden={!shown}>
      <div className="shell-host" ref={host} />
      {tooMuch && (
        <p className="terminal-note" role="alert">
          {words.terminal.tooMuchToPaste}
        </p>
      )}
      {link && <LinkDialog address={link} close={() => setLink(null)} />}
    </section>
  );
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
