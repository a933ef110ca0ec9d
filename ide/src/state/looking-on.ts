// Who looks on in the learner's session, as the learner's own page knows it, and what they point at. Knows no screen.
import type { Api } from "../api/api";
import { isStatus, reasonOf } from "../api/http";
import type { Place, SessionMessage, Watcher } from "../protocol/generated";
import { Store } from "./store";

export interface Pointed {
  mentor: string;
  name: string;
  place: Place;
}

export interface LookingOnView {
  /** Who waits for an answer. */
  asking: Watcher[];
  /** Who may see files and terminals now. */
  allowed: Watcher[];
  /** Why an answer did not arrive, for people. */
  problem: string | null;
}

const NOBODY: LookingOnView = { asking: [], allowed: [], problem: null };

/** What is pointed at in the open lesson. The editor draws those of its file. */
export const pointed = new Store<Pointed[]>([]);

/** A line that a person wants to see; a new object each time. */
export const lineToShow = new Store<Place | null>(null);

type WatchApi = Pick<Api, "answerWatch" | "endWatch">;

export class LookingOn {
  readonly view = new Store<LookingOnView>(NOBODY);

  constructor(private readonly api: WatchApi) {}

  heard(message: SessionMessage): void {
    if (message.type === "watchers_changed") {
      const those = (state: Watcher["state"]) => message.watchers.filter(watcher => watcher.state === state);
      this.view.set({ asking: those("asked"), allowed: those("allowed"), problem: null });
    }
    if (message.type === "pointed") {
      const { mentor, name, place } = message;
      const others = pointed.get().filter(one => one.mentor !== mentor);
      pointed.set(place ? [...others, { mentor, name, place }] : others);
    }
  }

  /** The connection is gone, or the session: nothing is known of anybody until it is told again. */
  gone(): void {
    this.view.set(NOBODY);
    pointed.set([]);
  }

  answer = (session: string, mentor: string, allowed: boolean): Promise<void> =>
    this.attempt(this.api.answerWatch(session, mentor, allowed));

  end = (session: string, mentor: string): Promise<void> => this.attempt(this.api.endWatch(session, mentor));

  /** The mark is for the learner; done with it, it goes. */
  forget = (mentor: string): void => pointed.update(all => all.filter(one => one.mentor !== mentor));

  private async attempt(done: Promise<void>): Promise<void> {
    try {
      await done;
    } catch (why) {
      // Withdrawn meanwhile: the list says so.
      if (!isStatus(why, 404)) this.view.update(now => ({ ...now, problem: reasonOf(why) }));
    }
  }
}
