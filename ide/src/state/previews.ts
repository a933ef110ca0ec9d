// What the learner's own servers show: which preview is in front, at which address, and why there is none. Knows no
// frame; a new `url` is a page to be opened anew.
import type { Api } from "../api/api";
import { reasonOf } from "../api/http";
import type { PreviewPort, SessionState } from "../protocol/generated";
import { Store } from "./store";

export interface OnePreview extends PreviewPort {
  /** What the page is opened with: lets this browser in and leads to `path`. Null: nothing is open. */
  url: string | null;
  opening: boolean;
  /** Why it could not be opened, for people. */
  problem: string | null;
}

export interface PreviewsView {
  /** In front, where the terminals are otherwise. */
  shown: boolean;
  /** Port of the one that is selected; null when the lesson has none. */
  selected: number | null;
  list: OnePreview[];
}

/** The session as far as it matters here. */
export interface Machine {
  id: string | null;
  state: SessionState | null;
}

export class Previews {
  readonly view: Store<PreviewsView>;
  /** The session that open pages are of. */
  private session: string | null = null;

  constructor(
    private readonly api: Pick<Api, "openPreview">,
    ports: readonly PreviewPort[],
    private readonly signal: AbortSignal,
  ) {
    const list = ports.map(port => ({ ...port, url: null, opening: false, problem: null }));
    this.view = new Store<PreviewsView>({ shown: false, selected: list[0]?.port ?? null, list });
  }

  /** The machine is another one, or got somewhere. What is in front opens once there is one. */
  machineIs(machine: Machine): void {
    const session = machine.state && machine.state.type !== "ended" ? machine.id : null;
    if (session === this.session) return;
    this.session = session;
    this.view.update(now => ({ ...now, list: now.list.map(one => ({ ...one, url: null, problem: null })) }));
    this.openIfShown();
  }

  show = (): void => {
    this.view.update(now => ({ ...now, shown: true }));
    this.openIfShown();
  };

  hide = (): void => this.view.update(now => ({ ...now, shown: false }));

  select = (port: number): void => {
    this.view.update(now => ({ ...now, selected: port }));
    this.openIfShown();
  };

  /** Opens what was typed into the address. */
  go = (typed: string): void => {
    const one = this.current();
    if (!one) return;
    this.change(one.port, { path: pathOf(typed, one.port) });
    this.reload();
  };

  reload = (): void => {
    const one = this.current();
    if (one) void this.open(one.port);
  };

  /** The address for a page of its own: good once, so each asks anew. Null when there is none; the view says why. */
  async ticket(): Promise<string | null> {
    const one = this.current();
    return one ? this.ask(one.port) : null;
  }

  private current(): OnePreview | undefined {
    const { list, selected } = this.view.get();
    return list.find(({ port }) => port === selected);
  }

  private openIfShown(): void {
    const one = this.current();
    const wanted = one && one.url === null && one.problem === null && !one.opening;
    if (this.view.get().shown && wanted) void this.open(one.port);
  }

  private async open(port: number): Promise<void> {
    if (this.session === null) return;
    this.change(port, { opening: true });
    const url = await this.ask(port);
    this.change(port, url === null ? { opening: false } : { opening: false, url });
    // The machine was replaced meanwhile: once more, on the new one.
    this.openIfShown();
  }

  private async ask(port: number): Promise<string | null> {
    const session = this.session;
    const path = this.view.get().list.find(one => one.port === port)?.path ?? "/";
    if (session === null) return null;
    try {
      const { url } = await this.api.openPreview(session, port, path, this.signal);
      if (session !== this.session) return null;
      this.change(port, { problem: null });
      return url;
    } catch (why) {
      if (session === this.session && !this.signal.aborted) this.change(port, { url: null, problem: reasonOf(why) });
      return null;
    }
  }

  private change(port: number, change: Partial<OnePreview>): void {
    const list = this.view.get().list.map(one => (one.port === port ? { ...one, ...change } : one));
    this.view.update(now => ({ ...now, list }));
  }
}

/** Path and query of what was typed: a path, or a whole address as it stands in instructions (`localhost:8000/notes`). */
export function pathOf(typed: string, port: number): string {
  const text = typed
    .trim()
    .replace(new RegExp(`^(https?://)?(localhost|127\\.0\\.0\\.1|\\[::1\\]):${port}(?=[/?#]|$)`), "");
  const rooted = text.startsWith("/") || text.startsWith("?") || text.startsWith("#") ? text : `/${text}`;
  // Backslashes and double slashes at the beginning would name another host.
  const { pathname, search } = new URL(rooted.replace(/^[/\\]+/, "/"), "http://preview");
  return pathname.replace(/^\/+/, "/") + search;
}
