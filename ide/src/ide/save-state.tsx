// Whether everything is saved, in a word in the header, and in a sentence where the learner should know more.

import { saveSentence, saveWord } from "../state/saving-words";
import type { Desk } from "../state/workbench";
import { useStore } from "../ui/use-store";
import { words } from "../words/words";

export function SaveState({ desk }: { desk: Desk }) {
  const saving = useStore(desk.files.saving);
  const keeping = useStore(desk.files.keeper.state);
  return (
    <span className="save-state" role="status" data-state={saving}>
      {saveWord(saving, keeping)}
      {saving === "saved" && <span aria-hidden="true"> ✓</span>}
    </span>
  );
}

/** Nothing while all is well. */
export function SaveNotice({ desk, retry }: { desk: Desk; retry: () => void }) {
  const saving = useStore(desk.files.saving);
  const keeping = useStore(desk.files.keeper.state);
  const recovered = useStore(desk.files.recovered);
  const sentence = saveSentence(saving, keeping);
  if (sentence) {
    return (
      <div className="banner" role="alert">
        <p>{sentence}</p>
        {saving === "retrying" && (
          <button type="button" onClick={retry}>
            {words.durability.tryNow}
          </button>
        )}
      </div>
    );
  }
  if (recovered.length === 0) return null;
  return (
    <div className="banner" data-tone="quiet" role="status">
      <p>{words.durability.recovered(recovered.join(", "))}</p>
      <button type="button" onClick={() => desk.files.recovered.set([])}>
        {words.durability.good}
      </button>
    </div>
  );
}
