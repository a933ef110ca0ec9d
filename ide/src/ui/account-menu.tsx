// What concerns the person rather than the lesson: colours, sizes, leaving. A native popover: Escape and a click outside
// close it.
import { useId } from "react";
import type { AccountState } from "../state/account";
import { CODE_SIZES, choose, settings, type Theme } from "../state/settings";
import { words } from "../words/words";
import { LanguageSwitch } from "./language-switch";
import { useStore } from "./use-store";

const THEMES: Theme[] = ["system", "light", "dark", "contrast"];

export function AccountMenu({ account, name }: { account: AccountState; name: string }) {
  const id = useId();
  const chosen = useStore(settings);
  return (
    <>
      <button type="button" className="account" popoverTarget={id} aria-label={words.settings.menu(name)}>
        <span aria-hidden="true">{name.slice(0, 2).toUpperCase()}</span>
      </button>
      <div id={id} popover="auto" className="menu">
        <p className="menu-name">{name}</p>
        <label>
          {words.settings.colours}
          <select value={chosen.theme} onChange={event => choose({ theme: event.target.value as Theme })}>
            {THEMES.map(theme => (
              <option key={theme} value={theme}>
                {words.settings.themes[theme]}
              </option>
            ))}
          </select>
        </label>
        <label>
          {words.settings.codeSize}
          <select value={chosen.codeSize} onChange={event => choose({ codeSize: Number(event.target.value) })}>
            {CODE_SIZES.map(size => (
              <option key={size} value={size}>
                {words.settings.pixels(size)}
              </option>
            ))}
          </select>
        </label>
        <LanguageSwitch />
        <label className="check">
          <input
            type="checkbox"
            checked={chosen.wrapLines}
            onChange={event => choose({ wrapLines: event.target.checked })}
          />
          {words.settings.wrapLines}
        </label>
        <label className="check">
          <input
            type="checkbox"
            checked={chosen.screenReader}
            onChange={event => choose({ screenReader: event.target.checked })}
          />
          {words.settings.screenReader}
        </label>
        <button type="button" onClick={() => void account.logout()}>
          {words.settings.logOut}
        </button>
      </div>
    </>
  );
}
