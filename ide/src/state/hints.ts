// The hints of one lesson, one after the other. The server knows how many were shown; here they are fetched again.
import type { Api } from "../api/api";
import { reasonOf } from "../api/http";
import type { Hint } from "../protocol/generated";
import { Store } from "./store";

export interface HintsView {
  shown: Hint[];
  /** A request is under way. */
  asking: boolean;
  problem: string | null;
}

export class Hints {
  readonly view = new Store<HintsView>({ shown: [], asking: false, problem: null });

  constructor(
    private readonly api: Pick<Api, "hints" | "showHint">,
    private readonly slug: string,
    private readonly signal: AbortSignal,
  ) {}

  /** Those shown on an earlier day. */
  recall = (): Promise<void> =>
    this.ask(async () => {
      const shown = await this.api.hints(this.slug, this.signal);
      this.view.update(now => ({ ...now, shown }));
    });

  /** One more. */
  next = (): Promise<void> =>
    this.ask(async () => {
      const hint = await this.api.showHint(this.slug, this.view.get().shown.length + 1, this.signal);
      this.view.update(now => ({ ...now, shown: [...now.shown, hint] }));
    });

  private async ask(work: () => Promise<void>): Promise<void> {
    if (this.view.get().asking) return;
    this.view.update(now => ({ ...now, asking: true, problem: null }));
    try {
      await work();
    } catch (why) {
      if (!this.signal.aborted) this.view.update(now => ({ ...now, problem: reasonOf(why) }));
    } finally {
      this.view.update(now => ({ ...now, asking: false }));
    }
  }
}
