// The bottom line: how the connection is, how long the machine stays, and how to get out of the editor by keyboard.
import type { SessionView } from "../state/live-session";
import { connectionWords, duration } from "../state/words";
import type { Desk, Workbench } from "../state/workbench";
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
      <span className="hint-keys">Esc then Tab leaves the editor</span>
    </footer>
  );
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
