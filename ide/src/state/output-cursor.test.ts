import { describe, expect, it } from "vitest";
import { VIEWER_WINDOW_BYTES } from "../protocol/generated";
import { ACKNOWLEDGE_EVERY_BYTES, OutputCursor } from "./output-cursor";

const bytes = (text: string) => new TextEncoder().encode(text);
const drawn = (cursor: OutputCursor, offset: number, text: string) => {
  const arrival = cursor.arrived(offset, bytes(text));
  return arrival.type === "draw" ? new TextDecoder().decode(arrival.bytes) : arrival.type;
};

describe("terminal output", () => {
  it("is drawn once, whatever is sent again", () => {
    const cursor = new OutputCursor();
    expect(drawn(cursor, 0, "abc")).toBe("abc");
    expect(drawn(cursor, 0, "abc")).toBe("repeat");
    expect(drawn(cursor, 1, "bcde")).toBe("de");
    expect(cursor.resumeFrom).toBe(5);
  });

  it("resumes after a cut without a gap", () => {
    const cursor = new OutputCursor();
    drawn(cursor, 0, "abc");
    expect(cursor.attachedAt(3)).toBe(false);
    expect(drawn(cursor, 3, "d")).toBe("d");
  });

  it("knows when something is missing, and goes on from there", () => {
    const cursor = new OutputCursor();
    drawn(cursor, 0, "abc");
    expect(cursor.attachedAt(1000)).toBe(true);
    expect(drawn(cursor, 1000, "d")).toBe("d");
    expect(drawn(cursor, 2000, "e")).toBe("gap");
  });

  it("acknowledges what is on the screen, in quarters of the window", () => {
    const cursor = new OutputCursor();
    cursor.arrived(0, new Uint8Array(VIEWER_WINDOW_BYTES));
    expect(cursor.drewUpTo(ACKNOWLEDGE_EVERY_BYTES - 1)).toBeNull();
    expect(cursor.drewUpTo(ACKNOWLEDGE_EVERY_BYTES)).toBe(ACKNOWLEDGE_EVERY_BYTES);
    expect(cursor.drewUpTo(ACKNOWLEDGE_EVERY_BYTES + 10)).toBeNull();
    expect(cursor.drewUpTo(2 * ACKNOWLEDGE_EVERY_BYTES + 10)).toBe(2 * ACKNOWLEDGE_EVERY_BYTES + 10);
  });

  it("does not count what a screen drew late, from before a gap", () => {
    const cursor = new OutputCursor();
    cursor.arrived(0, new Uint8Array(100));
    cursor.attachedAt(VIEWER_WINDOW_BYTES);
    expect(cursor.drewUpTo(100)).toBeNull();
  });
});
