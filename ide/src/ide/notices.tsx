// What the learner has to know about their machine and can act on, in one line under the header; nothing when all is well.
import { endReason } from "../state/words";
import type { Desk, Workbench } from "../state/workbench";
import { useStore } from "../ui/use-store";

export function Notices({ bench }: { bench: Workbench }) {
  const { desk, problem, lesson } = useStore(bench.view);
  if (problem && lesson) {
    return <Notice words={problem} action="Try again" act={bench.retryNow} />;
  }
  return desk ? <MachineNotice desk={desk} bench={bench} /> : null;
}

function MachineNotice({ desk, bench }: { desk: Desk; bench: Workbench }) {
  const { state, link, problem } = useStore(desk.session.view);
  const saving = useStore(desk.files.saving);
  const again = () => void desk.session.start();
  if (state?.type === "ended") {
    return <Notice words={`${endReason(state.reason)} Your files are kept.`} action="Start again" act={again} />;
  }
  if (link?.type === "closed") return <ClosedNotice why={link.why} again={again} />;
  if (problem) return <Notice words={`No machine yet: ${problem}`} action="Try again" act={bench.retryNow} />;
  if (saving === "retrying") {
    const words =
      "Your last changes are not saved yet: the server does not answer. Leave this page open; we keep trying.";
    return <Notice words={words} action="Try now" act={bench.retryNow} />;
  }
  return null;
}

function ClosedNotice({ why, again }: { why: string; again: () => void }) {
  if (why === "version") {
    const words = "Gradus has been renewed meanwhile. Load the page again to go on; your files are kept.";
    return <Notice words={words} action="Load again" act={() => location.reload()} />;
  }
  if (why === "forbidden") return <Notice words="This machine is not yours to use." />;
  return <Notice words="Your machine is stopped. Your files are kept." action="Start again" act={again} />;
}

function Notice({ words, action, act }: { words: string; action?: string; act?: () => void }) {
  return (
    <div className="banner" role="alert">
      <p>{words}</p>
      {action && (
        <button type="button" onClick={act}>
          {action}
        </button>
      )}
    </div>
  );
}
