// Settings and keyboard help: opened by a key from anywhere, or by a button. Their parts are fetched when first opened.
import { useEffect } from "react";
import { KeysDialog, SettingsDialog } from "../chunks";
import { closePageDialog, type PageDialog, pageDialog } from "../state/page-dialog";
import { useStore } from "./use-store";

export function PageDialogs() {
  const open = useStore(pageDialog);
  useDialogKeys();
  useEffect(() => closePageDialog, []);
  if (open === "settings") return <SettingsDialog meanwhile={null} />;
  return open === "keys" ? <KeysDialog meanwhile={null} /> : null;
}

/** Before editor and terminal see the key. */
function useDialogKeys(): void {
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      const wanted = dialogOf(event);
      // Over another dialog, a question to answer, there is no second one.
      if (!wanted || (pageDialog.get() === null && document.querySelector("dialog[open]"))) return;
      event.preventDefault();
      event.stopPropagation();
      pageDialog.set(wanted);
    };
    addEventListener("keydown", pressed, { capture: true });
    return () => removeEventListener("keydown", pressed, { capture: true });
  }, []);
}

function dialogOf(event: KeyboardEvent): PageDialog | null {
  const { key, ctrlKey, metaKey, altKey, shiftKey } = event;
  if (key === "," && (ctrlKey || metaKey) && !altKey && !shiftKey) return "settings";
  const bare = !(ctrlKey || metaKey || altKey || shiftKey);
  // Programs have a help of their own on F1.
  return key === "F1" && bare && !inTerminal(event.target) ? "keys" : null;
}

function inTerminal(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest(".shell") !== null;
}
