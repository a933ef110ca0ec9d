// Going back: to an earlier state, to a hand-in, to the lesson's starter; and the way back from there, offered for a few
// seconds (later it is in the timeline). Saves first, so that nothing typed is lost to it. Knows no screen.
import type { Api } from "../api/api";
import { reasonOf } from "../api/http";
import type { Restore, Restored } from "../protocol/generated";
import { words } from "../words/words";
import { Store } from "./store";

/** Long enough to see what one did. */
export const UNDO_OFFERED_MS = 10_000;

export interface RestoresView {
  busy: boolean;
  /** Why the last one was not done, for people. */
  problem: string | null;
  /** What was done just now. */
  done: "restored" | "reset" | "undone" | null;
  changed: string[];
  /** What to ask for to undo it. */
  undo: Restore | null;
}

const QUIET = { problem: null, done: null, changed: [], undo: null };

type RestoreApi = Pick<Api, "restore">;

/** What a restore needs of the files: everything saved before, everything looked at again afterwards. */
export interface RestoredFiles {
  saveAll(): Promise<boolean>;
  reconcile(files: Restored["workspace"]["files"]): void;
}

export class Restores {
  readonly view = new Store<RestoresView>({ ...QUIET, busy: false });
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly api: RestoreApi,
    private readonly workspace: string,
    private readonly files: RestoredFiles,
    private readonly changed: () => void,
  ) {}

  /** Whether it was done. */
  restore = (restore: Restore): Promise<boolean> =>
    this.send(restore, restore.from.type === "starter" ? "reset" : "restored");

  undo = async (): Promise<void> => {
    const { undo } = this.view.get();
    if (undo) await this.send(undo, "undone");
  };

  /** The learner looks at the offer: it stays until they look away. */
  hold = (): void => clearTimeout(this.timer);

  release = (): void => {
    clearTimeout(this.timer);
    if (this.view.get().done) this.timer = setTimeout(this.dismiss, UNDO_OFFERED_MS);
  };

  dismiss = (): void => {
    clearTimeout(this.timer);
    this.show(QUIET);
  };

  private async send(restore: Restore, done: NonNullable<RestoresView["done"]>): Promise<boolean> {
    if (this.view.get().busy) return false;
    clearTimeout(this.timer);
    this.show({ ...QUIET, busy: true });
    try {
      if (!(await this.files.saveAll())) throw new Error(words.durability.restoreUnsaved);
      const { changed, undo, workspace } = await this.api.restore(this.workspace, restore);
      this.files.reconcile(workspace.files);
      this.show({ done, changed, undo });
      this.release();
      this.changed();
      return true;
    } catch (why) {
      this.show({ problem: reasonOf(why) });
      return false;
    } finally {
      this.show({ busy: false });
    }
  }

  private show(change: Partial<RestoresView>): void {
    this.view.update(now => ({ ...now, ...change }));
  }
}
