// Brings settings to the server and back: what was chosen here goes up after a moment, what another device chose comes
// down at login and when the page is looked at again. Failing is quiet, as the copy in the browser works all the same.
import type { Api } from "../api/api";
import { isStatus, isTransient } from "../api/http";
import { retryDelayMs } from "./backoff";
import { answered, type Copy, entered, type Fields, left } from "./settings-copy";
import type { Store } from "./store";

/** Somebody who tries three themes sends one. */
export const CHOICE_PAUSE_MS = 400;

type SettingsApi = Pick<Api, "settings" | "changeSettings">;

export class SettingsSync {
  private busy = false;
  /** Something happened while busy. */
  private again = false;
  private failures = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly api: SettingsApi,
    private readonly copy: Store<Copy>,
  ) {
    let before = copy.get().pending;
    copy.subscribe(() => {
      const { pending } = copy.get();
      if (pending === before) return;
      before = pending;
      this.failures = 0;
      if (hasSome(pending)) this.in(CHOICE_PAUSE_MS);
    });
  }

  /** Somebody is logged in. Resolves when the server has answered, or has not. */
  enter(account: string): Promise<void> {
    this.copy.update(now => entered(now, account));
    return this.meet();
  }

  /** Nobody is any more. */
  leave(): void {
    clearTimeout(this.timer);
    this.copy.update(left);
  }

  /** Sends what waits, and takes over what there is. */
  meet = async (): Promise<void> => {
    const { account, pending: sent } = this.copy.get();
    if (account === null) return;
    if (this.busy) {
      this.again = true;
      return;
    }
    this.busy = true;
    clearTimeout(this.timer);
    try {
      const settings = hasSome(sent) ? await this.api.changeSettings(sent) : await this.api.settings();
      this.failures = 0;
      this.take(account, settings.fields, sent);
    } catch (why) {
      if (isTransient(why)) this.in(retryDelayMs(++this.failures, Math.random()));
      // Refused: it is kept here, and not sent for ever. Who is logged out enters again.
      else if (!isStatus(why, 401)) this.take(account, { ...this.copy.get().stored, ...sent }, sent);
    } finally {
      this.busy = false;
      if (this.again) this.in(CHOICE_PAUSE_MS);
      this.again = false;
    }
  };

  private take(account: string, fields: Fields, sent: Fields): void {
    // Somebody else logged in meanwhile: this is not theirs.
    if (this.copy.get().account === account) this.copy.update(now => answered(now, fields, sent));
  }

  private in(ms: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.meet(), ms);
  }
}

function hasSome(fields: Fields): boolean {
  return Object.keys(fields).length > 0;
}
