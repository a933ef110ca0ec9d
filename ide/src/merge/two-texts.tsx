// Two texts in a dialog, with their names above. Loaded when it is first needed.
import { useEffect, useRef, useState } from "react";
import { useWide } from "../ui/use-wide";
import { words } from "../words/words";
import { type ShownMerge, showMerge, type TwoTexts as Texts } from "./merge-view";

/** `texts` as they are when first shown: what is edited is the view's own from then on. */
export default function TwoTexts({ texts }: { texts: Texts }) {
  const host = useRef<HTMLDivElement>(null);
  const [first] = useState(texts);
  const [ready, setReady] = useState(false);
  const wide = useWide();
  const latest = useRef(texts);
  latest.current = texts;

  useEffect(() => {
    let gone = false;
    let shown: ShownMerge | null = null;
    const place = host.current;
    if (!place) return;
    const edited = first.edited && ((text: string) => latest.current.edited?.(text));
    void showMerge(
      place,
      { path: first.path, left: first.left, right: first.right, ...(edited ? { edited } : {}) },
      wide,
    ).then(made => {
      if (gone) return made.dispose();
      shown = made;
      setReady(true);
    });
    return () => {
      gone = true;
      shown?.dispose();
    };
  }, [first, wide]);

  return (
    <div className="two-texts">
      {wide && (
        <div className="two-names" aria-hidden="true">
          <span>{first.left.name}</span>
          <span>{first.right.name}</span>
        </div>
      )}
      {!ready && <p className="waiting muted">{words.durability.comparing}</p>}
      <div className="two-host" ref={host} />
    </div>
  );
}
