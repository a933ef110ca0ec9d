// Two versions of a file side by side. What is edited here is the document itself, and so is kept in this browser like
// anything typed: a page closed in the middle loses neither side.
import { useState } from "react";
import { TwoTexts } from "../chunks";
import type { StoredFile } from "../protocol/generated";
import { isBinary, type TextDocument, textOf } from "../state/document";
import { nameOf } from "../state/paths";
import { Dialog } from "../ui/dialog";
import { useWide } from "../ui/use-wide";
import { words } from "../words/words";

interface Props {
  document: TextDocument;
  /** As it was when the dialog was opened; saved over a still newer one, both are looked at anew. */
  theirs: StoredFile;
  close: () => void;
}

export function ConflictDialog({ document, theirs: newest, close }: Props) {
  const [theirs] = useState(newest);
  const [mine] = useState(() => document.view.get().content);
  const wide = useWide();
  const decide = (act: () => void) => () => {
    close();
    act();
  };
  const meanwhile = <p className="waiting muted">{words.durability.comparing}</p>;
  return (
    <Dialog title={words.durability.conflictTitle(nameOf(document.path))} close={close} className="two">
      <p>{wide ? words.durability.conflictMore : words.durability.conflictMoreNarrow}</p>
      {isBinary(theirs) ? (
        <p>{words.durability.notTextThen}</p>
      ) : (
        <TwoTexts
          texts={{
            path: document.path,
            left: { text: textOf(theirs), name: words.durability.theirs },
            right: { text: mine.toString(), name: words.durability.mine },
            edited: text => document.edit(text),
          }}
          meanwhile={meanwhile}
        />
      )}
      <div className="dialog-buttons">
        <button type="button" onClick={close}>
          {words.durability.later}
        </button>
        <button type="button" onClick={decide(() => document.takeTheirs())}>
          {words.durability.keepTheirs}
        </button>
        <button type="button" onClick={decide(() => document.resolve(mine, theirs))}>
          {words.durability.keepMine}
        </button>
        <button
          type="button"
          className="primary"
          onClick={decide(() => document.resolve(document.view.get().content, theirs))}
        >
          {wide ? words.durability.saveMerge : words.durability.saveMergeNarrow}
        </button>
      </div>
    </Dialog>
  );
}
