import { announcement } from "../state/announcements";
import { useStore } from "./use-store";

/** Read out by screen readers, seen by nobody; always on the page. */
export function Announcer() {
  return (
    <p className="sr-only" role="status">
      {useStore(announcement)}
    </p>
  );
}
