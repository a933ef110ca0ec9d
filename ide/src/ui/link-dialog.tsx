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
    <Dialog title="Open this address?" close={close}>
      <p>A program in your terminal shows this link. It leads out of Gradus:</p>
      <pre className="address">{address}</pre>
      <div className="dialog-buttons">
        <button type="button" onClick={close}>
          Stay here
        </button>
        {SAFE.test(address) && (
          <button type="button" className="primary" onClick={open}>
            Open in a new tab
          </button>
        )}
      </div>
    </Dialog>
  );
}
