// After going back: what was done, and for some seconds the way to undo it. Stays while it is looked at.
import type { Desk, Workbench } from "../state/workbench";
import { useStore } from "../ui/use-store";
import { words } from "../words/words";

export function UndoOffer({ bench }: { bench: Workbench }) {
  const { desk } = useStore(bench.view);
  return desk ? <Offer desk={desk} /> : null;
}

/** Named in the sentence; what more there is is counted. */
const NAMED = 3;

function Offer({ desk: { restores } }: { desk: Desk }) {
  const { done, changed, undo, problem } = useStore(restores.view);
  return (
    // Always there: a region that speaks up has to be on the page before it does.
    <div className="undo-place" role="status">
      {(done || problem) && (
        // biome-ignore lint/a11y/noStaticElementInteractions: only notices that somebody looks; what can be done are buttons
        <div
          className="undo-offer"
          onMouseEnter={restores.hold}
          onMouseLeave={restores.release}
          onFocus={restores.hold}
          onBlur={restores.release}
        >
          <p>{problem ?? (done && sentence(done, changed))}</p>
          {undo && (
            <button type="button" className="small" onClick={() => void restores.undo()}>
              {words.durability.undo}
            </button>
          )}
          <button type="button" className="small quiet" onClick={restores.dismiss}>
            {words.durability.dismiss}
          </button>
        </div>
      )}
    </div>
  );
}

function sentence(done: "restored" | "reset" | "undone", changed: string[]): string {
  if (changed.length === 0) return words.durability.done.nothing;
  const more = changed.length - NAMED;
  const named = changed.slice(0, NAMED).join(", ");
  return words.durability.done[done](more > 0 ? `${named} ${words.durability.moreFiles(more)}` : named);
}
