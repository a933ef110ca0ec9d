// Someone else stored this file while the learner was editing it, and the same lines differ: both texts are there, and
// the learner decides.
import { useState } from "react";
import type { TextDocument } from "../state/document";
import { nameOf } from "../state/paths";
import { useStore } from "../ui/use-store";
import { words } from "../words/words";
import { ConflictDialog } from "./conflict-dialog";

export default function ConflictBanner({ document }: { document: TextDocument }) {
  const { theirs } = useStore(document.view);
  const [shown, setShown] = useState(false);
  const name = nameOf(document.path);
  return (
    // The dialog is not part of the alert: what is read out at once is the sentence alone.
    <>
      <div className="banner" role="alert">
        <p>{theirs ? words.files.conflict(name) : words.files.conflictDeleted(name)}</p>
        {theirs && (
          <button type="button" onClick={() => setShown(true)}>
            {words.durability.look}
          </button>
        )}
        <button type="button" onClick={() => document.keepMine()}>
          {words.durability.keepMine}
        </button>
        <button type="button" onClick={() => document.takeTheirs()}>
          {theirs ? words.durability.keepTheirs : words.durability.letGo}
        </button>
      </div>
      {shown && theirs && <ConflictDialog document={document} theirs={theirs} close={() => setShown(false)} />}
    </>
  );
}
