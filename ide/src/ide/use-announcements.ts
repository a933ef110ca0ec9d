import { useEffect } from "react";
import { announce, handInNews, runNews } from "../state/announcements";
import type { Readable } from "../state/store";
import type { Desk } from "../state/workbench";

/** Results are read out wherever the focus is. */
export function useAnnouncements(desk: Desk | null): void {
  useEffect(() => {
    if (!desk) return;
    const stops = [
      onChange(desk.session.runs.view, runNews),
      onChange(desk.submissions.view, (before, now) => handInNews(before.list, now.list)),
    ];
    return () => {
      for (const stop of stops) stop();
    };
  }, [desk]);
}

function onChange<T>(store: Readable<T>, news: (before: T, now: T) => string | null): () => void {
  let before = store.get();
  return store.subscribe(() => {
    const now = store.get();
    const said = news(before, now);
    before = now;
    if (said) announce(said);
  });
}
