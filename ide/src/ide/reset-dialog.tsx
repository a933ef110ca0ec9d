// Before one file, or the whole lesson, becomes what the lesson gave: what that means, and that it can be undone.
import { nameOf } from "../state/paths";
import type { Desk } from "../state/workbench";
import { Dialog } from "../ui/dialog";
import { words } from "../words/words";

/** `path` null: the whole lesson. */
export default function ResetDialog({ desk, path, close }: { desk: Desk; path: string | null; close: () => void }) {
  const { resetFileTitle, resetFileMore, resetLessonTitle, resetLessonMore, restoreUndo } = words.durability;
  const reset = () => {
    close();
    void desk.restores.restore({ from: { type: "starter" }, ...(path === null ? {} : { paths: [path] }) });
  };
  return (
    <Dialog title={path === null ? resetLessonTitle : resetFileTitle(nameOf(path))} close={close}>
      <p>{path === null ? resetLessonMore : resetFileMore}</p>
      <p>{restoreUndo}</p>
      <div className="dialog-buttons">
        <button type="button" onClick={close}>
          {words.durability.keepNow}
        </button>
        <button type="button" className="primary" onClick={reset}>
          {path === null ? words.durability.resetLesson : words.durability.reset}
        </button>
      </div>
    </Dialog>
  );
}
