// Who is logged in. A session that ends while someone works does not take the screen away: they log in again over it.
import type { Api } from "../api/api";
import { isStatus, reasonOf } from "../api/http";
import type { Account } from "../protocol/generated";
import { words } from "../words/words";
import { Store } from "./store";

export type AccountView =
  | { type: "asking" }
  | { type: "unreachable"; problem: string }
  | { type: "out" }
  /** `expired`: the screen stays, and asks for the password again. */
  | { type: "in"; account: Account; expired: boolean };

type AccountApi = Pick<Api, "me" | "login" | "logout">;

export class AccountState {
  readonly view = new Store<AccountView>({ type: "asking" });

  constructor(private readonly api: AccountApi) {}

  load = async (): Promise<void> => {
    try {
      this.view.set({ type: "in", account: await this.api.me(), expired: false });
    } catch (why) {
      this.view.set(isStatus(why, 401) ? { type: "out" } : { type: "unreachable", problem: reasonOf(why) });
    }
  };

  /** Null, or why not. */
  login = async (name: string, password: string): Promise<string | null> => {
    try {
      await this.api.login(name, password);
      this.view.set({ type: "in", account: await this.api.me(), expired: false });
      return null;
    } catch (why) {
      return isStatus(why, 401) ? words.login.wrong : reasonOf(why);
    }
  };

  logout = async (): Promise<void> => {
    try {
      await this.api.logout();
    } finally {
      this.view.set({ type: "out" });
    }
  };

  /** Any request was answered "who are you?". */
  expire = (): void => {
    this.view.update(now => (now.type === "in" ? { ...now, expired: true } : now));
  };
}
