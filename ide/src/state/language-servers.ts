// The language servers in the learner's machine, one per language at most: started when somebody first edits a file of
// theirs, started anew after a cut, left alone when the image has none, and given up when they keep crashing. Knows
// channels and framing; not what is said, which is the client's (src/language-client).
import type { ChannelProblem } from "../protocol/generated";
import { retryDelayMs } from "./backoff";
import type { Channel, ChannelEvents, Channels } from "./channels";
import { encodeMessage, MessageReader } from "./framing";
import { endingOf } from "./paths";
import { Store } from "./store";

/** One that crashes this often in a lesson stays off. */
export const MAX_CRASHES = 3;
/** Before it is started again; a machine that is short of memory gets a moment. */
export const RESTART_AFTER_MS = 2_000;
/** Nothing asked for this long: its memory is the learner's again, until the next edit. */
export const IDLE_MS = 10 * 60_000;

/** A running server as its client sees it: whole messages, in order. */
export interface Line {
  send(message: string): void;
  subscribe(handler: (message: string) => void): void;
  unsubscribe(handler: (message: string) => void): void;
}

export type Server =
  | { type: "off" }
  /** Asked for; waits for the machine, or for its program to start. */
  | { type: "starting" }
  | { type: "running"; line: Line }
  /** This lesson's image has none. */
  | { type: "absent" }
  | { type: "broken" };

export type Language = "python" | "c" | "bash" | "javascript" | "sql";
export type Servers = Readonly<Partial<Record<Language, Server>>>;

const BY_ENDING: Record<string, Language> = {
  py: "python",
  c: "c",
  h: "c",
  sh: "bash",
  bash: "bash",
  bats: "bash",
  js: "javascript",
  mjs: "javascript",
  cjs: "javascript",
  jsx: "javascript",
  sql: "sql",
};

/** What an editor needs to be helped. */
export interface Helpers {
  servers: LanguageServers;
  /** Puts another file of the workspace in front; false for one that is not in it. */
  show(path: string): boolean;
}

/** Which server a file is for. */
export function serverLanguageOf(path: string): Language | null {
  const ending = endingOf(path);
  return Object.hasOwn(BY_ENDING, ending) ? (BY_ENDING[ending] ?? null) : null;
}

export class LanguageServers {
  readonly view = new Store<Servers>({});
  private readonly crashes = new Map<Language, number>();
  private readonly timers = new Map<Language, ReturnType<typeof setTimeout>>();
  private readonly open = new Map<Language, Channel>();
  private ready = false;
  /** Since one ran: each is answered by a longer wait. */
  private cuts = 0;

  constructor(private readonly channels: Pick<Channels, "open">) {}

  /** Somebody edits a file of this language, or asks how to go on in one. */
  wanted(language: Language): void {
    if (this.of(language).type !== "off") return;
    this.show(language, { type: "starting" });
    this.start(language);
  }

  of(language: Language): Server {
    return this.view.get()[language] ?? { type: "off" };
  }

  /** Whether the learner's machine can be reached; said again whenever it can be reached anew. */
  machine(ready: boolean): void {
    this.ready = ready;
    for (const language of this.languages()) if (this.of(language).type === "starting") this.start(language);
  }

  dispose(): void {
    this.view.set({});
    for (const timer of this.timers.values()) clearTimeout(timer);
    for (const channel of [...this.open.values()]) channel.close();
  }

  private start(language: Language): void {
    if (!this.ready || this.open.has(language)) return;
    const reader = new MessageReader();
    const handlers = new Set<(message: string) => void>();
    let channel: Channel | null = null;
    const events: ChannelEvents = {
      opened: () => {
        this.cuts = 0;
        this.show(language, { type: "running", line: this.lineTo(language, () => channel, handlers) });
      },
      bytes: payload => {
        try {
          for (const message of reader.push(payload)) deliver(message, handlers);
        } catch {
          // Not the protocol: as good as a crash.
          channel?.close();
        }
      },
      closed: reason => this.closed(language, reason),
    };
    channel = this.channels.open({ type: "language_server", language }, events);
    // Not connected after all: `machine` will say when.
    if (channel) this.open.set(language, channel);
  }

  private lineTo(language: Language, channel: () => Channel | null, handlers: Set<(message: string) => void>): Line {
    return {
      send: message => {
        // To one that is gone, it is lost: whatever takes its place is told everything anew.
        if (channel()?.send(encodeMessage(message))) this.rest(language);
      },
      subscribe: handler => void handlers.add(handler),
      unsubscribe: handler => void handlers.delete(handler),
    };
  }

  private closed(language: Language, reason: ChannelProblem | null): void {
    this.open.delete(language);
    // Put to rest by us.
    if (this.of(language).type === "off") return;
    switch (reason?.type) {
      case "cannot_start":
      case "not_allowed":
      case "too_many":
        return this.show(language, { type: "absent" });
      case "no_container":
        // Nobody's crash. `machine` says when it is back; a cut behind the relay is told by nobody, so try again, too.
        this.show(language, { type: "starting" });
        this.cuts += 1;
        return this.later(language, retryDelayMs(this.cuts, Math.random()), () => this.start(language));
      default:
        return this.crashed(language);
    }
  }

  private crashed(language: Language): void {
    const crashes = (this.crashes.get(language) ?? 0) + 1;
    this.crashes.set(language, crashes);
    if (crashes >= MAX_CRASHES) return this.show(language, { type: "broken" });
    this.show(language, { type: "starting" });
    this.later(language, RESTART_AFTER_MS, () => this.start(language));
  }

  /** Something was said: the time until it is idle begins anew. */
  private rest(language: Language): void {
    this.later(language, IDLE_MS, () => {
      this.show(language, { type: "off" });
      this.open.get(language)?.close();
    });
  }

  private later(language: Language, ms: number, act: () => void): void {
    clearTimeout(this.timers.get(language));
    this.timers.set(language, setTimeout(act, ms));
  }

  private show(language: Language, server: Server): void {
    this.view.update(now => ({ ...now, [language]: server }));
  }

  private languages(): Language[] {
    return Object.keys(this.view.get()) as Language[];
  }
}

/** A message that the client cannot make sense of – about text that has changed since – is passed over. */
function deliver(message: string, handlers: ReadonlySet<(message: string) => void>): void {
  for (const handler of [...handlers]) {
    try {
      handler(message);
    } catch (why) {
      console.debug("a message of the language server was passed over", why);
    }
  }
}
