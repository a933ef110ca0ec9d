import { useSyncExternalStore } from "react";

/** From here on all panes fit side by side; below they become tabs. */
const WIDE = matchMedia("(min-width: 1100px)");

function subscribe(listener: () => void): () => void {
  WIDE.addEventListener("change", listener);
  return () => WIDE.removeEventListener("change", listener);
}

export const useWide = (): boolean => useSyncExternalStore(subscribe, () => WIDE.matches);
