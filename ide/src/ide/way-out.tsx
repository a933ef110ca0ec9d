// How to leave, by keyboard, what takes the Tab key for itself; and where all the other keys are told.
import { useEffect, useState } from "react";
import { pageDialog } from "../state/page-dialog";
import { settings } from "../state/settings";
import { useStore } from "../ui/use-store";
import { words } from "../words/words";

export function WayOut() {
  const inTerminal = useFocusWithin(".shell");
  const { tabKey } = useStore(settings);
  const inEditor = tabKey === "indents" ? words.ide.leaveEditor : words.ide.tabMovesOn;
  return (
    <>
      <span className="hint-keys" role="status">
        {inTerminal ? words.ide.leaveTerminal : inEditor}
      </span>
      <button
        type="button"
        className="small quiet"
        aria-label={words.keys.open}
        aria-keyshortcuts="F1"
        onClick={() => pageDialog.set("keys")}
      >
        {words.keys.openShort} <kbd>F1</kbd>
      </button>
    </>
  );
}

function useFocusWithin(selector: string): boolean {
  const [within, setWithin] = useState(false);
  useEffect(() => {
    const look = () => setWithin(document.activeElement?.closest(selector) != null);
    const leave = () => setWithin(false);
    look();
    document.addEventListener("focusin", look);
    document.addEventListener("focusout", leave);
    return () => {
      document.removeEventListener("focusin", look);
      document.removeEventListener("focusout", leave);
    };
  }, [selector]);
  return within;
}
