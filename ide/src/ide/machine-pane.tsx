// The learner's machine: its terminals and, in lessons that show a server, the preview in their place.
import { PanelTop } from "lucide-react";
import { useEffect, useRef } from "react";
import { PreviewPane } from "../chunks";
import type { Previews } from "../state/previews";
import type { Desk, Workbench } from "../state/workbench";
import { useStore } from "../ui/use-store";
import { words } from "../words/words";
import { TerminalPane } from "./terminal-pane";

export function MachinePane({ bench }: { bench: Workbench }) {
  const { desk } = useStore(bench.view);
  if (!desk?.previews) return <TerminalPane bench={bench} />;
  return <Both bench={bench} desk={desk} previews={desk.previews} />;
}

/** Both stay alive behind each other: a shell goes on, and a page keeps what was typed into it. */
function Both({ bench, desk, previews }: { bench: Workbench; desk: Desk; previews: Previews }) {
  const { shown } = useStore(previews.view);
  return (
    <div className="machine">
      <div className="machine-slot" hidden={shown}>
        <TerminalPane bench={bench} aside={<ToPreview previews={previews} />} />
      </div>
      <PreviewPane desk={desk} previews={previews} meanwhile={null} />
    </div>
  );
}

function ToPreview({ previews }: { previews: Previews }) {
  const { shown } = useStore(previews.view);
  const button = useRef<HTMLButtonElement>(null);
  const before = useRef(shown);
  useEffect(() => {
    if (!shown && before.current) button.current?.focus();
    before.current = shown;
  }, [shown]);
  return (
    <button type="button" className="quiet to-preview" ref={button} onClick={previews.show}>
      <PanelTop size={16} aria-hidden="true" />
      {words.preview.open}
    </button>
  );
}
