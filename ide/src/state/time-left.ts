// How long the learner's machine still stays, and when that is worth a warning. Pure: everything from what was told and
// the time now. The server tells moments by its own clock; how far this browser's is off was learnt with the ticket.
import type { SessionState } from "../protocol/generated";

/** This long before the end it is said. */
export const WARN_MS = 2 * 60_000;
/** From here on the time left is worth a look: enough to finish a thought. */
export const SOON_MS = 5 * 60_000;

export interface Timed {
  state: SessionState | null;
  /** How far the server's clock is ahead of this one, in milliseconds. */
  skewMs: number;
  /** Since when this page is not connected, by this clock. */
  cutAt: number | null;
}

export interface TimeLeft {
  leftMs: number;
  /** What ends it: its time limit, or that nobody is there. */
  by: "limit" | "idle";
  /** What an extension would add; 0 when there is none. */
  extensionMs: number;
}

/** Null while no machine runs. */
export function timeLeft({ state, skewMs, cutAt }: Timed, now: number): TimeLeft | null {
  if (state?.type !== "ready") return null;
  const limitMs = state.until / 1000 - (now + skewMs);
  // Connected, it is never idle. Cut, it is kept for a while; other pages of this learner may keep it longer.
  const idleMs = cutAt === null ? Number.POSITIVE_INFINITY : cutAt + state.idle_seconds * 1000 - now;
  if (idleMs < limitMs) return { leftMs: Math.max(0, idleMs), by: "idle", extensionMs: 0 };
  const extensionMs = state.extensions_left > 0 ? state.extension_seconds * 1000 : 0;
  return { leftMs: Math.max(0, limitMs), by: "limit", extensionMs };
}

/** What is left, once it has to be said. */
export function warning(timed: Timed, now: number): TimeLeft | null {
  const left = timeLeft(timed, now);
  return left && left.leftMs <= WARN_MS ? left : null;
}

/** When to look again: every second where seconds are shown, else often enough for minutes. */
export function lookAgainMs(left: TimeLeft | null): number {
  return left && left.leftMs <= WARN_MS + 15_000 ? 1_000 : 15_000;
}

/** "1:40". */
export function countdown(ms: number): string {
  const seconds = Math.ceil(ms / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}
