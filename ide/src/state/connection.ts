// A WebSocket that comes back by itself: ticket, socket, retry with back-off, until stopped or told that the session is
// over. Knows nothing of what is said on it.
import { CLOSE_FORBIDDEN, CLOSE_GOING_AWAY, CLOSE_SESSION_ENDED, CLOSE_VERSION_MISMATCH } from "../protocol/generated";
import { retryDelayMs } from "./backoff";
import { Store } from "./store";

export type Link =
  | { type: "connecting" }
  | { type: "connected" }
  /** Cut; tries again at `retryAt` (milliseconds of `Date.now()`). */
  | { type: "waiting"; retryAt: number }
  /** The browser says there is no network; tries when there is. */
  | { type: "offline" }
  | { type: "closed"; why: ClosedBecause };

export type ClosedBecause = "stopped" | "session_ended" | "version" | "forbidden";

/** Dialling may say: do not try again. */
export class DoNotRetry extends Error {
  constructor(readonly why: ClosedBecause) {
    super(why);
  }
}

export interface Socket {
  binaryType: string;
  onopen: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: { code: number }) => void) | null;
  send(data: string | ArrayBufferView<ArrayBuffer>): void;
  close(code?: number): void;
}

export interface Outside {
  /** Fetches a ticket and opens a socket with it. */
  dial(signal: AbortSignal): Promise<Socket>;
  opened(): void;
  text(message: string): void;
  binary(bytes: ArrayBuffer): void;
  lost(): void;
}

const FINAL: Record<number, ClosedBecause> = {
  [CLOSE_SESSION_ENDED]: "session_ended",
  [CLOSE_VERSION_MISMATCH]: "version",
  [CLOSE_FORBIDDEN]: "forbidden",
};

export class Connection {
  readonly link = new Store<Link>({ type: "connecting" });
  private socket: Socket | null = null;
  private failures = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly stopping = new AbortController();

  constructor(private readonly outside: Outside) {}

  start(): void {
    void this.dial();
  }

  /** Tries now rather than at `retryAt`. */
  retryNow = (): void => {
    const { type } = this.link.get();
    if (type !== "waiting" && type !== "offline") return;
    clearTimeout(this.timer);
    void this.dial();
  };

  /** The browser lost its network: the socket is dead, whether it knows or not. */
  networkLost = (): void => {
    if (this.link.get().type === "closed") return;
    this.dropSocket();
    clearTimeout(this.timer);
    this.link.set({ type: "offline" });
  };

  /** Whether it went out; nothing is kept for later here. */
  send(data: string | ArrayBufferView<ArrayBuffer>): boolean {
    if (!this.socket || this.link.get().type !== "connected") return false;
    this.socket.send(data);
    return true;
  }

  /** The peer has greeted: the next cut starts counting anew. */
  provedGood(): void {
    this.failures = 0;
  }

  /** What came makes no sense: hangs up with `code` and comes back later. */
  reject(code: number): void {
    const wasConnected = this.link.get().type === "connected";
    this.dropSocket(code);
    if (wasConnected) this.waitToRetry();
  }

  /** Nothing comes back on this socket, whatever the browser believes: dials another at once. */
  redial(): void {
    if (this.link.get().type !== "connected") return;
    this.dropSocket();
    void this.dial();
  }

  stop(why: ClosedBecause = "stopped"): void {
    this.stopping.abort();
    clearTimeout(this.timer);
    this.link.set({ type: "closed", why });
    this.dropSocket();
  }

  private async dial(): Promise<void> {
    this.link.set({ type: "connecting" });
    try {
      const socket = await this.outside.dial(this.stopping.signal);
      if (this.link.get().type !== "connecting" || this.socket) return socket.close();
      this.listen(socket);
    } catch (why) {
      if (this.link.get().type !== "connecting") return;
      if (why instanceof DoNotRetry) this.stop(why.why);
      else this.waitToRetry();
    }
  }

  private listen(socket: Socket): void {
    this.socket = socket;
    socket.binaryType = "arraybuffer";
    socket.onopen = () => {
      this.link.set({ type: "connected" });
      this.outside.opened();
    };
    socket.onmessage = ({ data }) => {
      if (typeof data === "string") this.outside.text(data);
      else if (data instanceof ArrayBuffer) this.outside.binary(data);
    };
    socket.onclose = ({ code }) => this.closed(code);
  }

  private closed(code: number): void {
    const wasConnected = this.link.get().type === "connected";
    this.forget();
    if (wasConnected) this.outside.lost();
    const final = FINAL[code];
    if (final) return this.stop(final);
    // A server that says it is stopping comes back at once, as another process or the same one restarted.
    if (code === CLOSE_GOING_AWAY) this.failures = 0;
    this.waitToRetry();
  }

  private waitToRetry(): void {
    this.failures += 1;
    const delay = retryDelayMs(this.failures, Math.random());
    this.link.set({ type: "waiting", retryAt: Date.now() + delay });
    this.timer = setTimeout(() => void this.dial(), delay);
  }

  private dropSocket(code?: number): void {
    const socket = this.socket;
    if (!socket) return;
    this.forget();
    socket.close(code);
    this.outside.lost();
  }

  /** A socket let go of must not speak again: its late events would be taken for the next one's. */
  private forget(): void {
    if (!this.socket) return;
    this.socket.onopen = this.socket.onmessage = this.socket.onclose = null;
    this.socket = null;
  }
}
