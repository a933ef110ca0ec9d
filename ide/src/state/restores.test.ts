import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { NoAnswer } from "../api/http";
import type { Restore, Workspace } from "../protocol/generated";
import { Restores, UNDO_OFFERED_MS } from "./restores";

const STARTER: Restore = { from: { type: "starter" } };
const UNDO: Restore = { from: { type: "save", save: 7 }, paths: ["a"] };
const workspace = { files: [] } as unknown as Workspace;

function world() {
  const asked: Restore[] = [];
  const files = { saveAll: vi.fn(async () => true), reconcile: vi.fn() };
  const server = { changed: ["a"], down: false };
  const api = {
    async restore(_workspace: string, restore: Restore) {
      asked.push(restore);
      if (server.down) throw new NoAnswer("cut");
      return { changed: server.changed, undo: server.changed.length > 0 ? UNDO : null, workspace };
    },
  };
  const renewed = vi.fn();
  const restores = new Restores(api, "w", files, renewed);
  return { asked, files, server, renewed, restores, view: () => restores.view.get() };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("going back", () => {
  it("saves first, looks at the files again, and offers to undo for a while", async () => {
    const { restores, files, renewed, view } = world();
    expect(await restores.restore(STARTER)).toBe(true);
    expect(files.saveAll).toHaveBeenCalledBefore(files.reconcile);
    expect(renewed).toHaveBeenCalled();
    expect(view()).toMatchObject({ done: "reset", changed: ["a"], undo: UNDO, busy: false });
    await vi.advanceTimersByTimeAsync(UNDO_OFFERED_MS);
    expect(view()).toMatchObject({ done: null, undo: null });
  });

  it("is undone by what the server said, and that can be undone too", async () => {
    const { restores, asked, view } = world();
    await restores.restore(UNDO);
    expect(view().done).toBe("restored");
    await restores.undo();
    expect(asked).toEqual([UNDO, UNDO]);
    expect(view()).toMatchObject({ done: "undone", undo: UNDO });
  });

  it("keeps the offer while it is looked at", async () => {
    const { restores, view } = world();
    await restores.restore(STARTER);
    restores.hold();
    await vi.advanceTimersByTimeAsync(10 * UNDO_OFFERED_MS);
    expect(view().undo).toEqual(UNDO);
    restores.release();
    await vi.advanceTimersByTimeAsync(UNDO_OFFERED_MS);
    expect(view().undo).toBeNull();
  });

  it("does nothing while something typed is not saved, and says so", async () => {
    const { restores, files, asked, view } = world();
    files.saveAll.mockResolvedValue(false);
    expect(await restores.restore(STARTER)).toBe(false);
    expect(asked).toEqual([]);
    expect(view()).toMatchObject({ done: null, busy: false });
    expect(view().problem).toMatch(/not everything you typed is saved/i);
  });

  it("says why it was not done, and what was so already", async () => {
    const { restores, server, view } = world();
    server.down = true;
    await restores.restore(STARTER);
    expect(view()).toMatchObject({ done: null, busy: false });
    expect(view().problem).not.toBeNull();
    server.down = false;
    server.changed = [];
    await restores.restore(STARTER);
    expect(view()).toMatchObject({ done: "reset", changed: [], undo: null, problem: null });
  });

  it("is asked for once at a time", async () => {
    const { restores, asked } = world();
    const [first, second] = await Promise.all([restores.restore(STARTER), restores.restore(UNDO)]);
    expect([first, second]).toEqual([true, false]);
    expect(asked).toEqual([STARTER]);
  });
});
