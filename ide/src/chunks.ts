// The parts that are fetched when needed, in one place, so that they can be fetched a little before.

export const ide = () => import("./ide/ide");
export const editor = () => import("./editor/editor-view");
export const terminal = () => import("./terminal/terminal-view");

/** While someone reads the lesson list or a lesson's text there is time to fetch what comes next. */
export function fetchAhead(parts: (() => Promise<unknown>)[]): void {
  const fetchAll = () => {
    // A part that cannot be fetched now is asked for again when it is needed.
    for (const part of parts) part().catch(() => {});
  };
  if ("requestIdleCallback" in globalThis) requestIdleCallback(fetchAll);
  else setTimeout(fetchAll);
}
