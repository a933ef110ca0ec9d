// Someone else stored this file while the learner was editing it: both texts are there, and the learner decides.
import { useState } from "react";
import { type TextDocument, textOf } from "../state/document";
import { nameOf } from "../state/paths";
import { Dialog } from "../ui/dialog";
import { useStore } from "../ui/use-store";
import { words } from "../words/words";

export function ConflictBanner({ document }: { document: TextDocument }) {
  const { theirs } = useStore(document.view);
  const [shown, setShown] = useState(false);
  const name = nameOf(document.path);
  return (
    <div className="banner" role="alert">
      <p>{theirs ? words.files.conflict(name) : words.files.conflictDeleted(name)}</p>
      {theirs && (
        <button type="button" onClick={() => setShown(true)}>
          {words.files.showOther}
        </button>
      )}
      <button type="button" onClick={() => document.keepMine()}>
        {words.files.keepMine}
      </button>
      <button type="button" onClick={() => document.takeTheirs()}>
        {theirs ? words.files.takeOther : words.files.letGo}
      </button>
      {shown && theirs && (
        <Dialog title={words.files.otherTitle(name)} close={() => setShown(false)}>
          <pre className="other-text">
            {theirs.content.encoding === "text" ? textOf(theirs) : words.files.otherNotText}
          </pre>
          <div className="dialog-buttons">
            <button type="button" onClick={() => setShown(false)}>
              {words.app.close}
            </button>
          </div>
        </Dialog>
      )}
    </div>
  );
}
