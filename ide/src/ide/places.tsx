// Text from a run in which the places it names can be opened: `x.c:3:5` puts the cursor there.
import { createContext, type ReactNode, useContext, useMemo } from "react";
import { type Place, piecesOf } from "../state/places";
import type { Desk, Workbench } from "../state/workbench";
import { useStore } from "../ui/use-store";
import { words } from "../words/words";

interface Opener {
  paths: ReadonlySet<string>;
  open: (place: Place) => void;
}

const Places = createContext<Opener>({ paths: new Set(), open: () => {} });

/** What is drawn inside knows the workspace's files and how to open one. */
export function WithPlaces({ bench, desk, children }: { bench: Workbench; desk: Desk; children: ReactNode }) {
  const entries = useStore(desk.files.entries);
  const opener = useMemo(
    () => ({ paths: new Set(entries.map(({ path }) => path)), open: (place: Place) => void bench.goTo(place) }),
    [entries, bench],
  );
  return <Places.Provider value={opener}>{children}</Places.Provider>;
}

export function PlacesText({ text, className }: { text: string; className?: string }) {
  const { paths } = useContext(Places);
  const pieces = useMemo(() => piecesOf(text, paths), [text, paths]);
  return (
    // Long lines scroll sideways; the keyboard has to reach them too.
    // biome-ignore lint/a11y/noNoninteractiveTabindex: see above
    <pre className={className} tabIndex={0}>
      {pieces.map((piece, at) =>
        // biome-ignore lint/suspicious/noArrayIndexKey: pieces have no other name, and no state
        piece.place ? <PlaceLink key={at} place={piece.place} text={piece.text} /> : piece.text,
      )}
    </pre>
  );
}

export function PlaceLink({ place, text }: { place: Place; text: string }) {
  const { open } = useContext(Places);
  return (
    <button
      type="button"
      className="place"
      title={words.results.openAt(place.path, place.line)}
      onClick={() => open(place)}
    >
      {text}
    </button>
  );
}
