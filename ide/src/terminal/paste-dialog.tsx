import type { Paste } from "../state/paste";
import { Dialog } from "../ui/dialog";
import { words } from "../words/words";

interface Props {
  paste: Extract<Paste, { type: "ask" }>;
  close: () => void;
  agree: () => void;
}

/** Several lines are about to run at once: shows the first of them before they do. */
export function PasteDialog({ paste, close, agree }: Props) {
  const hidden = paste.lines - paste.preview.length;
  return (
    <Dialog title={words.terminal.pasteTitle(paste.lines)} close={close}>
      <p>{words.terminal.pasteExplained}</p>
      <pre className="address">
        {paste.preview.join("\n")}
        {hidden > 0 && <span className="muted">{`\n${words.terminal.pasteMore(hidden)}`}</span>}
      </pre>
      <div className="dialog-buttons">
        <button type="button" onClick={close}>
          {words.terminal.pasteNot}
        </button>
        <button
          type="button"
          className="primary"
          onClick={() => {
            close();
            agree();
          }}
        >
          {words.terminal.pasteDo}
        </button>
      </div>
    </Dialog>
  );
}
