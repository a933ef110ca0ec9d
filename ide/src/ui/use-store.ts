import { useSyncExternalStore } from "react";
import type { Readable } from "../state/store";

/** Draws again when the store's value changes. */
export function useStore<T>(store: Readable<T>): T {
  return useSyncExternalStore(store.subscribe, store.get);
}
