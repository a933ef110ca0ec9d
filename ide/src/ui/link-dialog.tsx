import { words } from "../words/words";
import { Dialog } from "./dialog";

/** Only these may be opened from a terminal; `javascript:` and friends are shown as the text they are. */
const SAFE = /^https?:\/\//i;

/** A program printed an address and the learner clicked it: shows where it leads before going there. */
export function LinkDialog({ address, close }: { address: string; close: () => void }) {
  const open = () => {
    window.open(address, "_blank", "noopener,noreferrer");
    close();
  };
  return (
    <Dialog title={words.terminal.linkTitle} close={close}>
      <p>{words.terminal.linkMore}</p>
      <pre className="address">{address}</pre>
      <div className="dialog-buttons">
        <button type="button" onClick={close}>
          {words.terminal.stayHere}
        </button>
        {SAFE.test(address) && (
          <button type="button" className="primary" onClick={open}>
            {words.terminal.openInNewTab}
          </button>
        )}
      </div>
    </Dialog>
  );
}
