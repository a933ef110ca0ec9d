// The help on keys: every one there is, by where it acts.
import { Fragment } from "react";
import { closePageDialog } from "../state/page-dialog";
import { capsOf, type Group, SHORTCUTS } from "../state/shortcuts";
import { words } from "../words/words";
import { Dialog } from "./dialog";

const ON_A_MAC = /Mac|iPhone|iPad/.test(navigator.userAgent);

export default function KeysDialog() {
  return (
    <Dialog title={words.keys.title} close={closePageDialog} className="wide">
      {/* It scrolls, so the keyboard has to reach it. */}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: see above */}
      <section className="key-groups" tabIndex={0} aria-label={words.keys.title}>
        {SHORTCUTS.map(group => (
          <KeyGroup key={group.where} group={group} />
        ))}
        <p className="muted">{words.keys.vim}</p>
      </section>
      <div className="dialog-buttons">
        <button type="button" className="primary" onClick={closePageDialog}>
          {words.keys.done}
        </button>
      </div>
    </Dialog>
  );
}

function KeyGroup({ group: { where, shortcuts } }: { group: Group }) {
  return (
    <section className="key-group">
      <h3>{words.keys[where]}</h3>
      <dl>
        {shortcuts.map(({ does, keys }) => (
          <div key={does}>
            <dt>{words.keys[does]}</dt>
            <dd>
              {keys.map((chord, at) => (
                <Fragment key={chord}>
                  {at > 0 && <span className="sr-only"> {words.keys.or} </span>}
                  <Chord chord={chord} />
                </Fragment>
              ))}
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function Chord({ chord }: { chord: string }) {
  const caps = capsOf(chord, ON_A_MAC).map(cap => (cap === "drag" ? words.keys.drag : cap));
  return (
    <span className="chord">
      {caps.map(cap => (
        <kbd key={cap}>{cap}</kbd>
      ))}
    </span>
  );
}
