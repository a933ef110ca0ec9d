// The bottom line: how the connection is, how long the machine stays, and how to get out of editor and terminal.
import { useState } from "react";
import type { SessionView } from "../state/live-session";
import { SOON_MS, timeLeft } from "../state/time-left";
import type { UsageView } from "../state/usage";
import { connectionWords } from "../state/words";
import type { Desk, Workbench } from "../state/workbench";
import { Dialog } from "../ui/dialog";
import { useNow } from "../ui/use-now";
import { useStore } from "../ui/use-store";
import { words } from "../words/words";
import { AssistanceNote } from "./assistance-note";
import { WayOut } from "./way-out";

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
      <Uses usage={session.usage} />
      <TimeLeft session={session} now={now} />
      {session.state?.type === "ready" && <StopMachine stop={desk.session.end} />}
    </>
  );
}

function StopMachine({ stop }: { stop: () => Promise<void> }) {
  const [asking, setAsking] = useState(false);
  return (
    <>
      <button
        type="button"
        className="small quiet"
        aria-label={words.session.stop}
        aria-haspopup="dialog"
        onClick={() => setAsking(true)}
      >
        <span className="if-wide">{words.session.stop}</span>
        <span className="if-narrow">{words.session.stopShort}</span>
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

function TimeLeft({ session, now }: { session: SessionView; now: number }) {
  const left = timeLeft(session, now);
  if (!left) return null;
  const told = words.format.duration(left.leftMs);
  const text = left.by === "idle" ? words.session.keptFor(told) : words.session.left(told);
  return (
    <span className="time-left" data-soon={left.leftMs < SOON_MS}>
      {left.leftMs > 0 ? text : words.session.timeIsUp}
    </span>
  );
}

/** Numbers that change by themselves are not read out; that memory runs short is, once. */
function Uses({ usage }: { usage: UsageView | null }) {
  return (
    <>
      {usage && (
        <span className="uses" data-nearly-full={usage.nearlyFull}>
          <span className="memory">{words.session.memory(usage.memoryMb, usage.memoryLimitMb)}</span>
          <span className="memory-short" aria-hidden="true">
            {words.session.memoryShort(usage.memoryMb, usage.memoryLimitMb)}
          </span>
          {usage.nearlyFull && <strong title={words.session.nearlyFullMore}>▲ {words.session.nearlyFull}</strong>}
          {usage.cpuPercent !== null && <span className="cpu">{words.session.cpu(usage.cpuPercent)}</span>}
        </span>
      )}
      <span className="sr-only" role="status">
        {usage?.nearlyFull ? words.session.nearlyFullMore : ""}
      </span>
    </>
  );
}

function lightOf({ link, state }: SessionView): string {
  return link?.type === "connected" && state?.type === "ready" ? "good" : "waiting";
}
