// Where the editor is to put its cursor: asked for by a place in a message, done by the editor once it shows that file.
import type { Place } from "./places";
import { Store } from "./store";

export const jump = new Store<Place | null>(null);

/** The place to go to in this file, once. */
export function takeJump(path: string): Place | null {
  const place = jump.get();
  if (place?.path !== path) return null;
  jump.set(null);
  return place;
}
