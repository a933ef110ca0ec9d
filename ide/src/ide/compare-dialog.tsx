// One file then and now, side by side, only to be read; and the button to go back to it.
import { useEffect, useState } from "react";
import { reasonOf } from "../api/http";
import { TwoTexts } from "../chunks";
import type { PastEntry, TimelineEntry } from "../protocol/generated";
import { nameOf } from "../state/paths";
import { idOf, pastOf } from "../state/timeline";
import type { Desk } from "../state/workbench";
import { Dialog } from "../ui/dialog";
import { words } from "../words/words";

interface Props {
  desk: Desk;
  entry: TimelineEntry;
  file: PastEntry;
  restore: () => void;
  close: () => void;
}

type Texts = { past: string; now: string } | { problem: string };

export function CompareDialog({ desk, entry, file, restore, close }: Props) {
  const texts = useTexts(desk, entry, file);
  const meanwhile = <p className="waiting muted">{words.durability.comparing}</p>;
  const name =
    entry.type === "saved" ? words.durability.asOf(words.format.moment(entry.at / 1000)) : words.durability.asHandedIn;
  return (
    <Dialog title={words.durability.compareTitle(nameOf(file.path))} close={close} className="two">
      {!texts && meanwhile}
      {texts && "problem" in texts && <p role="alert">{texts.problem}</p>}
      {texts && "past" in texts && (
        <TwoTexts
          texts={{
            path: file.path,
            left: { text: texts.past, name },
            right: { text: texts.now, name: words.durability.now },
          }}
          meanwhile={meanwhile}
        />
      )}
      <div className="dialog-buttons">
        <button type="button" onClick={close}>
          {words.durability.close}
        </button>
        <button
          type="button"
          className="primary"
          onClick={() => {
            close();
            restore();
          }}
        >
          {file.compared === "only_now" ? words.durability.remove : words.durability.restore}
        </button>
      </div>
    </Dialog>
  );
}

/** A side without the file is an empty text. */
function useTexts({ timeline, files }: Desk, entry: TimelineEntry, file: PastEntry): Texts | null {
  const [texts, setTexts] = useState<Texts | null>(null);
  useEffect(() => {
    let gone = false;
    const show = (found: Texts) => !gone && setTexts(found);
    Promise.all([timeline.fileOf(pastOf(idOf(entry)), file), files.textNow(file.path)]).then(
      ([past, now]) => {
        if (past && past.content.encoding !== "text") show({ problem: words.durability.notTextThen });
        else show({ past: past?.content.data ?? "", now: now ?? "" });
      },
      why => show({ problem: reasonOf(why) }),
    );
    return () => {
      gone = true;
    };
  }, [timeline, files, entry, file]);
  return texts;
}
