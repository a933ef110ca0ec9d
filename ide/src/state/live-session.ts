// A learner's machine as the browser knows it: asked for, connected to, lost, ended. Sorts what the socket says to
// those it concerns. Knows no screen.
import type { Api } from "../api/api";
import { isStatus, reasonOf } from "../api/http";
import { decodeFrame } from "../protocol/frame";
import {
  CLOSE_MALFORMED,
  type Place,
  PROTOCOL_VERSION,
  type Session,
  type SessionMessage,
  type SessionState,
  type ViewerMessage,
} from "../protocol/generated";
import { readSessionMessage } from "../protocol/session-message";
import { retryDelayMs } from "./backoff";
import { Channels } from "./channels";
import { Connection, DoNotRetry, type Link, type Socket } from "./connection";
import { LanguageServers } from "./language-servers";
import { LookingOn } from "./looking-on";
import { Runs } from "./runs";
import { Store } from "./store";
import { Terminals, type Wire } from "./terminals";
import { type UsageView, usageView } from "./usage";

export interface SessionView {
  /** Null until the first is asked for. */
  state: SessionState | null;
  link: Link | null;
  /** Why none could be had, for people. */
  problem: string | null;
  /** The last thing refused (too many terminals), for people. */
  refusal: string | null;
  /** How far the server's clock is ahead of this one, in milliseconds. */
  skewMs: number;
  /** Since when this page is not connected, by this clock; null while it is, and before it first was. */
  cutAt: number | null;
  usage: UsageView | null;
  extension: Extension;
}

/** Where a wish for more time has got to. */
export type Extension =
  | { type: "none" }
  | { type: "asking" }
  | { type: "given"; ms: number }
  | { type: "refused"; why: string };

const LOOKS: ReadonlySet<ViewerMessage["type"]> = new Set(["hello", "attach_terminal", "acknowledge_output", "point"]);

const NOTHING: SessionView = {
  state: null,
  link: null,
  problem: null,
  refusal: null,
  skewMs: 0,
  cutAt: null,
  usage: null,
  extension: { type: "none" },
};

/** What else the socket's news concerns. */
export interface Listeners {
  saveAll(): Promise<boolean>;
  fileChanged(message: Extract<SessionMessage, { type: "file_changed" }>): void;
  submissionChanged(message: Extract<SessionMessage, { type: "submission_changed" }>): void;
  /** Connected anew: what happened meanwhile was not told. */
  missedMessages(): void;
}

type SessionApi = Pick<
  Api,
  "openSession" | "session" | "endSession" | "ticket" | "extendSession" | "answerWatch" | "endWatch"
>;

export class LiveSession {
  readonly view = new Store<SessionView>(NOTHING);
  readonly terminals: Terminals;
  readonly runs: Runs;
  readonly servers: LanguageServers;
  /** Who looks on here. */
  readonly lookingOn: LookingOn;
  private readonly channels: Channels;
  private connection: Connection | null = null;
  /** Of the session asked for last. */
  private id: string | null = null;
  private viewer = 0;
  private welcomes = 0;
  private failures = 0;
  /** Asked for before `start`, which takes it. */
  private ahead: Promise<Session> | null = null;
  /** Which call of `start` may still act: only the latest. */
  private starts = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly api: SessionApi,
    private readonly openSocket: (url: string) => Socket,
    private readonly workspace: string,
    private readonly client: string,
    private readonly listeners: Listeners,
    private readonly signal: AbortSignal,
    /** Somebody else's session: seen, and not taken part in. */
    private readonly onlyLooks = false,
  ) {
    this.lookingOn = new LookingOn(api);
    const wire: Wire = {
      say: message => this.say(message),
      sayBytes: frame => !onlyLooks && (this.connection?.send(frame) ?? false),
    };
    this.terminals = new Terminals(wire, () => this.connection?.redial(), onlyLooks);
    this.runs = new Runs(wire, () => listeners.saveAll());
    this.channels = new Channels(wire);
    this.servers = new LanguageServers(this.channels);
    signal.addEventListener("abort", () => {
      this.servers.dispose();
      clearTimeout(this.timer);
      this.connection?.stop();
    });
  }

  /** Has the machine made ready while the page is still being put together. */
  askAhead = (): void => {
    this.ahead = this.api.openSession(this.workspace, this.signal);
    // Said by `start`.
    this.ahead.catch(() => {});
  };

  /** Asks for the workspace's live session, or a new one, and connects. Tries until it has one or is told no. */
  start = async (): Promise<void> => {
    this.starts += 1;
    const start = this.starts;
    const isOver = () => this.signal.aborted || start !== this.starts;
    clearTimeout(this.timer);
    this.connection?.stop();
    this.connection = null;
    this.show(NOTHING);
    const asked = this.ahead ?? this.api.openSession(this.workspace, this.signal);
    this.ahead = null;
    try {
      const session = await asked;
      if (isOver()) return;
      this.failures = 0;
      this.id = session.id;
      this.stateChanged(session.state);
      this.connect(session.id);
    } catch (why) {
      if (!isOver()) this.couldNotStart(why);
    }
  };

  /** Gives the machine back. The files stay; whatever runs ends. */
  end = async (): Promise<void> => {
    if (!this.id) return;
    try {
      await this.api.endSession(this.id, this.signal);
    } catch (why) {
      if (!this.signal.aborted) this.show({ refusal: reasonOf(why) });
    }
  };

  /** More time, as long as there is some to be had. Pressed twice, or in two pages, it is given once. */
  extend = async (): Promise<void> => {
    const { state, extension } = this.view.get();
    if (!this.id || state?.type !== "ready" || extension.type === "asking") return;
    this.show({ extension: { type: "asking" } });
    try {
      const session = await this.api.extendSession(this.id, state.until, this.signal);
      this.show({ extension: { type: "given", ms: state.extension_seconds * 1000 } });
      this.stateChanged(session.state);
    } catch (why) {
      if (!this.signal.aborted) this.show({ extension: { type: "refused", why: reasonOf(why) } });
    }
  };

  /** Which machine it is, for what shows something of it elsewhere. */
  machine = () => ({ id: this.id, state: this.view.get().state });

  answerWatch = (mentor: string, allowed: boolean): void => {
    if (this.id) void this.lookingOn.answer(this.id, mentor, allowed);
  };

  endWatch = (mentor: string): void => {
    if (this.id) void this.lookingOn.end(this.id, mentor);
  };

  /** Only for those who look on: shows the learner a line. False when it did not go out. */
  point = (place: Place | null): boolean => this.say({ type: "point", place });

  retryNow = (): void => {
    if (this.connection) this.connection.retryNow();
    else if (this.view.get().problem) void this.start();
  };

  networkLost = (): void => this.connection?.networkLost();

  private couldNotStart(why: unknown): void {
    this.failures += 1;
    this.show({ problem: reasonOf(why) });
    // Who is not logged in has to act first; `retryNow` follows.
    if (isStatus(why, 401)) return;
    this.timer = setTimeout(() => void this.start(), retryDelayMs(this.failures, Math.random()));
  }

  private connect(session: string): void {
    const connection = new Connection({
      dial: signal => this.dial(session, signal),
      opened: () => this.say({ type: "hello", version: PROTOCOL_VERSION, client: this.client }),
      text: text => this.text(text),
      binary: bytes => this.binary(bytes),
      lost: () => this.lost(),
    });
    this.connection = connection;
    connection.link.subscribe(() => {
      if (connection !== this.connection) return;
      const link = connection.link.get();
      this.show({ link });
      if (link.type === "closed") this.lost();
    });
    connection.start();
    this.show({ link: connection.link.get() });
  }

  private async dial(session: string, signal: AbortSignal): Promise<Socket> {
    try {
      const ticket = await this.api.ticket(session, signal);
      this.show({ skewMs: ticket.now / 1000 - Date.now() });
      return this.openSocket(ticket.url);
    } catch (why) {
      // Gone or over: there is nothing to come back to, but a reason to be told.
      if (isStatus(why, 404) || isStatus(why, 409) || isStatus(why, 410)) {
        await this.learnEnd(session, signal);
        throw new DoNotRetry("session_ended");
      }
      if (isStatus(why, 403)) throw new DoNotRetry("forbidden");
      throw why;
    }
  }

  /** It ended while this page was cut off, so nobody told why. */
  private async learnEnd(session: string, signal: AbortSignal): Promise<void> {
    try {
      const { state } = await this.api.session(session, signal);
      if (session === this.id && state.type === "ended") this.stateChanged(state);
    } catch {
      // That it is over is known all the same.
    }
  }

  private text(text: string): void {
    const message = readSessionMessage(text);
    if (message) this.heard(message);
  }

  private binary(bytes: ArrayBuffer): void {
    try {
      const frame = decodeFrame(bytes);
      if ("terminal" in frame) this.terminals.output(frame);
      else this.channels.arrived(frame);
    } catch {
      // Not a frame of ours: something in between is broken. A new connection resumes by offset.
      this.connection?.reject(CLOSE_MALFORMED);
    }
  }

  private heard(message: SessionMessage): void {
    switch (message.type) {
      case "welcome":
        return this.welcomed(message.viewer, message.state);
      case "state_changed":
        return this.stateChanged(message.state);
      case "terminals_listed":
        this.terminals.listed(message.terminals);
        return this.runs.listed(message.run);
      case "watchers_changed":
      case "pointed":
        return this.lookingOn.heard(message);
      case "usage":
        return this.show({ usage: usageView(message.usage, this.view.get().usage) });
      case "file_changed":
        return this.listeners.fileChanged(message);
      case "submission_changed":
        return this.listeners.submissionChanged(message);
      case "channel":
        return this.channels.heard(message.message);
      case "request_refused":
        this.show({ refusal: message.message });
        this.terminals.refused();
        return this.runs.refused(message.message);
      default:
        this.terminals.heard(message, this.viewer);
        this.runs.heard(message);
    }
  }

  private welcomed(viewer: number, state: SessionState): void {
    this.viewer = viewer;
    this.show({ cutAt: null });
    this.connection?.provedGood();
    this.stateChanged(state);
    this.welcomes += 1;
    if (this.welcomes > 1) this.listeners.missedMessages();
  }

  private stateChanged(state: SessionState): void {
    this.show({ state, problem: null });
    if (state.type === "ready") return this.servers.machine(true);
    this.show({ usage: null });
    // Whatever ran in the container ran in another one.
    this.terminals.containerGone();
    this.runs.containerGone();
    this.machineGone();
    if (state.type === "ended") this.connection?.stop("session_ended");
  }

  private lost(): void {
    this.lookingOn.gone();
    const { cutAt, state } = this.view.get();
    this.show({ cutAt: cutAt ?? (state ? Date.now() : null), usage: null });
    this.terminals.disconnected();
    this.runs.disconnected();
    this.machineGone();
  }

  private machineGone(): void {
    this.servers.machine(false);
    this.channels.gone();
  }

  private say(message: ViewerMessage): boolean {
    // The relay hangs up on those who only look on and say more.
    if (this.onlyLooks && !LOOKS.has(message.type)) return false;
    return this.connection?.send(JSON.stringify(message)) ?? false;
  }

  private show(change: Partial<SessionView>): void {
    this.view.update(now => ({ ...now, ...change }));
  }
}
