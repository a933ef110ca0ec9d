// What the learner has to know about their machine and can act on, in one line under the header; nothing when all is well.
import { endReason } from "../state/words";
import type { Desk, Workbench } from "../state/workbench";
import { useStore } from "../ui/use-store";
import { words } from "../words/words";
import { SaveNotice } from "./save-state";

export function Notices({ bench }: { bench: Workbench }) {
  const { desk, problem, lesson } = useStore(bench.view);
  if (problem && lesson) {
    return <Notice text={problem} action={words.app.tryAgain} act={bench.retryNow} />;
  }
  if (!desk) return null;
  // What is not saved matters most, and is said whatever the machine does.
  return (
    <>
      <SaveNotice desk={desk} retry={bench.retryNow} />
      <MachineNotice desk={desk} bench={bench} />
    </>
  );
}

function MachineNotice({ desk, bench }: { desk: Desk; bench: Workbench }) {
  const { state, link, problem } = useStore(desk.session.view);
  const again = () => void desk.session.start();
  if (state?.type === "ended") {
    return (
      <Notice
        text={`${endReason(state.reason)} ${words.session.filesKept}`}
        action={words.session.startAgain}
        act={again}
      />
    );
  }
  if (link?.type === "closed") return <ClosedNotice why={link.why} again={again} />;
  if (problem) return <Notice text={words.session.none(problem)} action={words.app.tryAgain} act={bench.retryNow} />;
  return null;
}

function ClosedNotice({ why, again }: { why: string; again: () => void }) {
  if (why === "version") {
    return <Notice text={words.session.renewed} action={words.session.loadAgain} act={() => location.reload()} />;
  }
  if (why === "forbidden") return <Notice text={words.session.notYours} />;
  return <Notice text={words.session.stoppedNotice} action={words.session.startAgain} act={again} />;
}

function Notice({ text, action, act }: { text: string; action?: string; act?: () => void }) {
  return (
    <div className="banner" role="alert">
      <p>{text}</p>
      {action && (
        <button type="button" onClick={act}>
          {action}
        </button>
      )}
    </div>
  );
}
