// Lines above the lesson that are rarely there, and fetched when they are: the end of the machine's time, who looks on.
import { LookingOn, TimeWarning } from "../chunks";
import { lookAgainMs, timeLeft, warning } from "../state/time-left";
import type { Desk, Workbench } from "../state/workbench";
import { useNow } from "../ui/use-now";
import { useStore } from "../ui/use-store";

export function MachineLines({ bench }: { bench: Workbench }) {
  const { desk } = useStore(bench.view);
  return desk ? <Lines desk={desk} bench={bench} /> : null;
}

function Lines({ desk, bench }: { desk: Desk; bench: Workbench }) {
  const session = useStore(desk.session.view);
  const { asking, allowed, problem } = useStore(desk.session.lookingOn.view);
  // Looked at anew with each change of the session, and as often as what is left asks for.
  const now = useNow(lookAgainMs(timeLeft(session, Date.now())));
  const left = warning(session, now);
  const watched = asking.length > 0 || allowed.length > 0 || problem !== null;
  return (
    <>
      {watched && <LookingOn desk={desk} bench={bench} meanwhile={null} />}
      {(left || session.extension.type !== "none") && <TimeWarning desk={desk} left={left} meanwhile={null} />}
    </>
  );
}
