// Find and replace, fetched once the text is on the screen: nobody searches what they do not see yet. Whoever is
// quicker than the network gets the panel when it is there.
import { Compartment, type Extension } from "@codemirror/state";
import { type EditorView, keymap } from "@codemirror/view";

const place = new Compartment();

/** Until it is there, its key fetches it (and does not open the browser's own, which sees only part of the text). */
export const findsSoon: Extension = place.of(keymap.of([{ key: "Mod-f", run: openOnceFetched }]));

function openOnceFetched(view: EditorView): boolean {
  void fetchFind(view).then(part => part?.openSearchPanel(view));
  return true;
}

/** Nothing when it is not to be had just now; the key tries again. */
export async function fetchFind(view: EditorView): Promise<typeof import("./find") | null> {
  const part = await import("./find").catch(() => null);
  if (part && place.get(view.state) !== part.find) view.dispatch({ effects: place.reconfigure(part.find) });
  return part;
}
