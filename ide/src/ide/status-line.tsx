// The bottom line: how the connection is, how long the machine stays, and how to get out of editor and terminal.
import { useState } from "react";
import type { SessionView } from "../state/live-session";
import { connectionWords } from "../state/words";
import type { Desk, Workbench } from "../state/workbench";
import { Dialog } from "../ui/dialog";
import { useNow } from "../ui/use-now";
import { useStore } from "../ui/use-store";
import { words } from "../words/words";
import { AssistanceNote } from "./assistance-note";
import { WayOut } from "./way-out";

/** From here on the time left is worth a look: enough to finish a thought. */
const SOON_MS = 5 * 60_000;

export function StatusLine({ bench }: { bench: Workbench }) {
  const { desk } = useStore(bench.view);
  return (
    <footer className="status-line">
      {desk ? <Connection desk={desk} /> : <span role="status">{words.session.loading}</span>}
      <span className="grow" />
      {desk && <AssistanceNote servers={desk.session.servers} />}
      <WayOut />
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
        {cut ? words.session.cut : connectionWords(session, 0)}
      </span>
      {cut && (
        <button type="button" className="small" onClick={desk.session.retryNow}>
          {words.session.tryNow}
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
        {words.session.stop}
      </button>
      {asking && (
        <Dialog title={words.session.stopTitle} close={() => setAsking(false)}>
          <p>{words.session.stopMore}</p>
          <div className="dialog-buttons">
            <button type="button" onClick={() => setAsking(false)}>
              {words.session.keepRunning}
            </button>
            <button
              type="button"
              className="primary"
              onClick={() => {
                setAsking(false);
                void stop();
              }}
            >
              {words.session.stopIt}
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
      {left > 0 ? words.session.left(words.format.duration(left)) : words.session.timeIsUp}
    </span>
  );
}

function lightOf({ link, state }: SessionView): string {
  return link?.type === "connected" && state?.type === "ready" ? "good" : "waiting";
}
