// What concerns the person rather than the lesson: settings, help, leaving. A native popover: Escape and a click outside
// close it.
import { useId, useRef } from "react";
import type { AccountState } from "../state/account";
import { type PageDialog, pageDialog } from "../state/page-dialog";
import { words } from "../words/words";

export function AccountMenu({ account, name }: { account: AccountState; name: string }) {
  const id = useId();
  const menu = useRef<HTMLDivElement>(null);
  const open = (dialog: PageDialog) => {
    // First: the dialog gives the focus back to where it was, and that should still be there.
    menu.current?.hidePopover();
    pageDialog.set(dialog);
  };
  return (
    <>
      <button type="button" className="account" popoverTarget={id} aria-label={words.settings.menu(name)}>
        <span aria-hidden="true" translate="no">
          {name.slice(0, 2).toUpperCase()}
        </span>
      </button>
      <div id={id} popover="auto" className="menu" ref={menu}>
        <p className="menu-name" translate="no">
          {name}
        </p>
        <button type="button" aria-keyshortcuts="Control+, Meta+," onClick={() => open("settings")}>
          {words.settings.open}
        </button>
        <button type="button" aria-keyshortcuts="F1" onClick={() => open("keys")}>
          {words.keys.open}
        </button>
        <button type="button" onClick={() => void account.logout()}>
          {words.settings.logOut}
        </button>
      </div>
    </>
  );
}
