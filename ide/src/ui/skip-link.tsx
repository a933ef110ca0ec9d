// The first stop of the Tab key: past the header, to what the screen is for.
import { words } from "../words/words";

export function focusMain(): void {
  const main = document.querySelector("main");
  if (!main) return;
  // Not a stop of the Tab key, but a place to go on from.
  main.tabIndex = -1;
  main.focus({ preventScroll: true });
}

export function SkipLink() {
  return (
    <button type="button" className="skip-link" onClick={focusMain}>
      {words.app.skip}
    </button>
  );
}
