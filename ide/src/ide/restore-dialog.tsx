// Before all files go back: what will happen to which, in words.
import type { PastEntry, TimelineEntry } from "../protocol/generated";
import { idOf, pastOf } from "../state/timeline";
import type { Desk } from "../state/workbench";
import { Dialog } from "../ui/dialog";
import { words } from "../words/words";

interface Props {
  desk: Desk;
  entry: TimelineEntry;
  files: PastEntry[];
  close: () => void;
}

export function RestoreDialog({ desk, entry, files, close }: Props) {
  const removed = files.filter(({ compared }) => compared === "only_now").map(({ path }) => path);
  const title =
    entry.type === "saved"
      ? words.durability.restoreTitle(words.format.moment(entry.at / 1000))
      : words.durability.restoreHandInTitle;
  return (
    <Dialog title={title} close={close}>
      {removed.length < files.length && <p>{words.durability.restoreChanges(files.length - removed.length)}</p>}
      {removed.length > 0 && <p>{words.durability.restoreRemoves(removed.join(", "))}</p>}
      <p>{words.durability.restoreUndo}</p>
      <div className="dialog-buttons">
        <button type="button" onClick={close}>
          {words.durability.keepNow}
        </button>
        <button
          type="button"
          className="primary"
          onClick={() => {
            close();
            void desk.restores.restore({ from: pastOf(idOf(entry)) });
          }}
        >
          {words.durability.restoreAll}
        </button>
      </div>
    </Dialog>
  );
}
