// The app itself, once there are words for it.
import { createRoot } from "react-dom/client";
import { api } from "./api/api";
import { onUnauthorized } from "./api/http";
import { App } from "./app";
import { AccountState } from "./state/account";
import { startTheme } from "./ui/theme";

export function start(): void {
  startTheme();
  const account = new AccountState(api);
  onUnauthorized(account.expire);
  void account.load();

  const root = document.getElementById("root");
  if (root) createRoot(root).render(<App account={account} />);
}
