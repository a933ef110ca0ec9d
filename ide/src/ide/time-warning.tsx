// Two minutes before the machine stops: what will happen, and the button that moves it. Announced, and takes no focus.
import { countdown, type TimeLeft } from "../state/time-left";
import type { Desk } from "../state/workbench";
import { useStore } from "../ui/use-store";
import { words } from "../words/words";

export default function TimeWarning({ desk, left }: { desk: Desk; left: TimeLeft | null }) {
  const { extension } = useStore(desk.session.view);
  return (
    <>
      {left && (
        <div className="banner" role="alert">
          <p>
            {left.by === "limit" ? words.session.limitNear : words.session.idleNear}{" "}
            {left.by === "limit" ? words.session.limitNearMore : words.session.idleNearMore}{" "}
            {left.by === "limit" && left.extensionMs === 0 && words.session.noExtension}{" "}
            <span className="countdown" aria-hidden="true">
              {countdown(left.leftMs)}
            </span>
          </p>
          {left.by === "idle" && (
            <button type="button" onClick={desk.session.retryNow}>
              {words.session.tryNow}
            </button>
          )}
          {left.extensionMs > 0 && (
            <button type="button" onClick={desk.session.extend} aria-disabled={extension.type === "asking"}>
              {words.session.extend(words.format.duration(left.extensionMs))}
            </button>
          )}
        </div>
      )}
      {extension.type === "refused" && (
        <p className="banner" role="alert">
          {words.session.notExtended(extension.why)}
        </p>
      )}
      <span className="sr-only" role="status">
        {extension.type === "given" && words.session.extended(words.format.duration(extension.ms))}
      </span>
    </>
  );
}
