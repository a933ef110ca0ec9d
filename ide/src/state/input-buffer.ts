// What was typed into one terminal and has not been confirmed yet, addressed by offset, so that sending it again is
// harmless. Pure.
import { MAX_PAYLOAD_BYTES } from "../protocol/generated";

/** Typed but not confirmed. A paste above this is refused; nobody types that much into a cut line. */
export const MAX_PENDING_INPUT_BYTES = 1024 * 1024;
/** Sent but not confirmed: two full frames, so that a long paste neither floods the relay nor waits for each answer. */
export const INPUT_WINDOW_BYTES = 2 * MAX_PAYLOAD_BYTES;

export interface Piece {
  offset: number;
  payload: Uint8Array;
}

export class InputBuffer {
  /** Offset of the first byte of `pending`: all before it has arrived. */
  private confirmed = 0;
  private pending = new Uint8Array(0);
  /** Offset up to which this connection has carried it. */
  private sent = 0;

  /** Whether something went out that the far end has not confirmed. */
  get hasUnanswered(): boolean {
    return this.sent > this.confirmed;
  }

  /** Keeps `bytes`; false when there would be too much. */
  push(bytes: Uint8Array): boolean {
    if (this.pending.length + bytes.length > MAX_PENDING_INPUT_BYTES) return false;
    const joined = new Uint8Array(this.pending.length + bytes.length);
    joined.set(this.pending);
    joined.set(bytes, this.pending.length);
    this.pending = joined;
    return true;
  }

  /** What may go out now, in frames. Counts as sent. */
  take(): Piece[] {
    const pieces: Piece[] = [];
    const end = Math.min(this.confirmed + this.pending.length, this.confirmed + INPUT_WINDOW_BYTES);
    while (this.sent < end) {
      const from = this.sent - this.confirmed;
      const to = Math.min(from + MAX_PAYLOAD_BYTES, end - this.confirmed);
      pieces.push({ offset: this.sent, payload: this.pending.slice(from, to) });
      this.sent = this.confirmed + to;
    }
    return pieces;
  }

  /** The terminal has everything before `offset`. */
  received(offset: number): void {
    const arrived = Math.min(offset - this.confirmed, this.pending.length);
    if (arrived <= 0) return;
    this.pending = this.pending.slice(arrived);
    this.confirmed += arrived;
    this.sent = Math.max(this.sent, this.confirmed);
  }

  /** A new attachment, whose far end has everything before `offset`: all after it goes out again. */
  resumeFrom(offset: number): void {
    this.received(offset);
    // The far end knows more (or less) than we ever said: only a restarted peer can; what we hold goes there.
    if (offset !== this.confirmed) this.confirmed = offset;
    this.sent = this.confirmed;
  }
}
