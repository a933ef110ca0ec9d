// Someone else stored this file while the learner was editing it: both texts are there, and the learner decides.
import { useState } from "react";
import { type TextDocument, textOf } from "../state/document";
import { nameOf } from "../state/paths";
import { Dialog } from "../ui/dialog";
import { useStore } from "../ui/use-store";

export function ConflictBanner({ document }: { document: TextDocument }) {
  const { theirs } = useStore(document.view);
  const [shown, setShown] = useState(false);
  const name = nameOf(document.path);
  return (
    <div className="banner" role="alert">
      <p>
        {theirs
          ? `${name} was changed elsewhere – by a program or in another tab – while you were editing it. Your text is still here.`
          : `${name} was deleted elsewhere while you were editing it. Your text is still here.`}
      </p>
      {theirs && (
        <button type="button" onClick={() => setShown(true)}>
          Show the other
        </button>
      )}
      <button type="button" onClick={() => document.keepMine()}>
        Keep mine
      </button>
      <button type="button" onClick={() => document.takeTheirs()}>
        {theirs ? "Take the other" : "Let it go"}
      </button>
      {shown && theirs && (
        <Dialog title={`${name}, the other version`} close={() => setShown(false)}>
          <pre className="other-text">{theirs.content.encoding === "text" ? textOf(theirs) : "It is not text."}</pre>
          <div className="dialog-buttons">
            <button type="button" onClick={() => setShown(false)}>
              Close
            </button>
          </div>
        </Dialog>
      )}
    </div>
  );
}
