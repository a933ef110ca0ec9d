// The app itself, once there are words for it.
import { createRoot } from "react-dom/client";
import { api } from "./api/api";
import { onUnauthorized } from "./api/http";
import { App } from "./app";
import { LessonsScreen } from "./chunks";
import { AccountState } from "./state/account";
import { route } from "./state/route";
import { copy, followOtherTabs, isKept, settings } from "./state/settings";
import { SettingsSync } from "./state/settings-sync";
import { startTheme } from "./ui/theme";

export function start(): void {
  startTheme();
  const account = new AccountState(api);
  onUnauthorized(account.expire);
  startSettings(account);
  // Its script comes while the server is asked who this is.
  if (route.get().screen === "lessons") void LessonsScreen.fetch().catch(() => {});
  void account.load();

  const root = document.getElementById("root");
  if (root) createRoot(root).render(<App account={account} />);
}

/** Settings follow whoever is logged in, and come down again when the page is looked at again. */
function startSettings(account: AccountState): void {
  const sync = new SettingsSync(api, copy);
  const { language } = settings.get();
  // Words are loaded before the app: a language chosen on another device is spoken from a new start.
  const speak = () => {
    if (settings.get().language !== language && isKept() && !new URLSearchParams(location.search).has("language"))
      location.reload();
  };
  followOtherTabs();
  account.view.subscribe(() => {
    const view = account.view.get();
    if (view.type === "in" && !view.expired) void sync.enter(view.account.id).then(speak);
    else if (view.type === "out") sync.leave();
  });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") void sync.meet();
  });
}
