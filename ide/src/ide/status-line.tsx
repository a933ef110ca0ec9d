// The bottom line: how the connection is, how long the machine stays, and how to get out of the editor by keyboard.
import { useEffect, useState } from "react";
import type { SessionView } from "../state/live-session";
import { connectionWords, duration } from "../state/words";
import type { Desk, Workbench } from "../state/workbench";
import { Dialog } from "../ui/dialog";
import { useNow } from "../ui/use-now";
import { useStore } from "../ui/use-store";

/** From here on the time left is worth a look: enough to finish a thought. */
const SOON_MS = 5 * 60_000;

export function StatusLine({ bench }: { bench: Workbench }) {
  const { desk } = useStore(bench.view);
  return (
    <footer className="status-line">
      {desk ? <Connection desk={desk} /> : <span role="status">loading…</span>}
      <span className="grow" />
      <WayOut />
    </footer>
  );
}

/** How to leave what takes the Tab key for itself. */
function WayOut() {
  const inTerminal = useFocusWithin(".shell");
  return <span className="hint-keys">{inTerminal ? "F6 leaves the terminal" : "Esc then Tab leaves the editor"}</span>;
}

function useFocusWithin(selector: string): boolean {
  const [within, setWithin] = useState(false);
  useEffect(() => {
    const look = () => setWithin(document.activeElement?.closest(selector) != null);
    const leave = () => setWithin(false);
    look();
    document.addEventListener("focusin", look);
    document.addEventListener("focusout", leave);
    return () => {
      document.removeEventListener("focusin", look);
      document.removeEventListener("focusout", leave);
    };
  }, [selector]);
  return within;
}

function Connection({ desk }: { desk: Desk }) {
  const session = useStore(desk.session.view);
  const now = useNow(session.link?.type === "waiting" ? 250 : 15_000);
  const cut = session.link?.type === "waiting" || session.link?.type === "offline";
  return (
    <>
      <span className="connection" data-link={lightOf(session)}>
        {connectionWords(session, now)}
      </span>
      {/* Announced without its countdown, which would be read out every second. */}
      <span className="sr-only" role="status">
        {cut ? "The connection to your machine is cut." : connectionWords(session, 0)}
      </span>
      {cut && (
        <button type="button" className="small" onClick={desk.session.retryNow}>
          Try now
        </button>
      )}
      <TimeLeft session={session} now={now} />
      {session.state?.type === "ready" && <StopMachine stop={desk.session.end} />}
    </>
  );
}

function StopMachine({ stop }: { stop: () => Promise<void> }) {
  const [asking, setAsking] = useState(false);
  return (
    <>
      <button type="button" className="small quiet" onClick={() => setAsking(true)}>
        Stop machine
      </button>
      {asking && (
        <Dialog title="Stop your machine?" close={() => setAsking(false)}>
          <p>What runs in its terminals ends. Your files are kept, and you can start a new one at any time.</p>
          <div className="dialog-buttons">
            <button type="button" onClick={() => setAsking(false)}>
              Keep it running
            </button>
            <button
              type="button"
              className="primary"
              onClick={() => {
                setAsking(false);
                void stop();
              }}
            >
              Stop it
            </button>
          </div>
        </Dialog>
      )}
    </>
  );
}

function TimeLeft({ session: { state }, now }: { session: SessionView; now: number }) {
  if (state?.type !== "ready") return null;
  const left = state.until / 1000 - now;
  return (
    <span className="time-left" data-soon={left < SOON_MS}>
      {left > 0 ? `${duration(left)} left` : "time is up"}
    </span>
  );
}

function lightOf({ link, state }: SessionView): string {
  return link?.type === "connected" && state?.type === "ready" ? "good" : "waiting";
}
