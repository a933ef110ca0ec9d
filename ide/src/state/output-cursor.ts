// Where one terminal's screen stands in its output: what has come, what has been drawn, what has been acknowledged.
// Pure; the offsets make repeats harmless and gaps visible.
import { VIEWER_WINDOW_BYTES } from "../protocol/generated";

/** A quarter of the window: the sender always has three quarters to go on with, and a key's echo costs no message. */
export const ACKNOWLEDGE_EVERY_BYTES = VIEWER_WINDOW_BYTES / 4;

export type Arrival = { type: "draw"; bytes: Uint8Array; end: number } | { type: "gap" } | { type: "repeat" };

export class OutputCursor {
  private received = 0;
  private drawn = 0;
  private acknowledged = 0;

  /** Attach from here to miss nothing and see nothing twice. */
  get resumeFrom(): number {
    return this.received;
  }

  /** Everything before is on the screen. */
  get drawnTo(): number {
    return this.drawn;
  }

  /** The far end starts at `offset`. True when output before it is lost. */
  attachedAt(offset: number): boolean {
    this.acknowledged = Math.min(this.acknowledged, offset);
    if (offset <= this.received) return false;
    this.jumpTo(offset);
    return true;
  }

  arrived(offset: number, payload: Uint8Array): Arrival {
    const end = offset + payload.length;
    if (offset > this.received) {
      this.jumpTo(offset);
      return { type: "gap" };
    }
    if (end <= this.received) return { type: "repeat" };
    const bytes = payload.subarray(this.received - offset);
    this.received = end;
    return { type: "draw", bytes, end };
  }

  /** Everything before `end` is on the screen. The offset to acknowledge, when it is time. */
  drewUpTo(end: number): number | null {
    // A screen may still report bytes from before a gap; those count no more.
    this.drawn = Math.max(this.drawn, Math.min(end, this.received));
    if (this.drawn - this.acknowledged < ACKNOWLEDGE_EVERY_BYTES) return null;
    this.acknowledged = this.drawn;
    return this.drawn;
  }

  private jumpTo(offset: number): void {
    this.received = this.drawn = this.acknowledged = offset;
  }
}
