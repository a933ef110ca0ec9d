import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Draft, DraftKey } from "./draft";
import { DraftKeeper, KEEP_AT_LEAST_EVERY_MS, KEEP_PAUSE_MS } from "./draft-keeper";

const draft = (text: string): Draft => ({ path: "a", text, revision: 1, base: "", executable: false, sent: [] });

/** A store that writes down what it is asked, and can refuse. */
function world() {
  const store = {
    asked: [] as string[],
    refuses: false,
    left: async () => [],
    async put({ text }: Draft, instead: DraftKey[]) {
      if (this.refuses) throw new DOMException("no room", "QuotaExceededError");
      this.asked.push(`put ${text}${instead.map(key => ` instead of ${key}`).join("")}`);
    },
    async remove(path: string, others: DraftKey[]) {
      this.asked.push(`remove ${[path, ...others].join(", ")}`);
    },
  };
  const keeper = new DraftKeeper(store);
  const type = (text: string) => keeper.note("a", () => draft(text));
  return { store, keeper, type, state: () => keeper.state.get() };
}
const pause = (ms = KEEP_PAUSE_MS) => vi.advanceTimersByTimeAsync(ms);

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it("writes down after a pause, and says kept only then", async () => {
  const { store, type, state } = world();
  type("o");
  type("on");
  expect(state()).toBe("writing");
  await pause();
  expect(store.asked).toEqual(["put on"]);
  expect(state()).toBe("kept");
});

it("does not wait for a pause for ever", async () => {
  const { store, type } = world();
  for (let typed = 0; typed * 100 <= KEEP_AT_LEAST_EVERY_MS; typed += 1) {
    type(String(typed));
    await pause(100);
  }
  expect(store.asked.length).toBe(1);
});

it("forgets when the server has it, and asks nothing of the store for what it never wrote", async () => {
  const { store, keeper, type } = world();
  type("one");
  keeper.saved("a");
  await pause();
  expect(store.asked).toEqual([]);
  type("two");
  await pause();
  keeper.saved("a");
  keeper.saved("a");
  await pause();
  expect(store.asked).toEqual(["put two", "remove a"]);
});

it("replaces what an earlier page left only by what holds it", async () => {
  const { store, keeper, type } = world();
  keeper.takeUp("a", ["old"]);
  type("one");
  await pause();
  type("two");
  await pause();
  expect(store.asked).toEqual(["put one instead of old", "put two"]);
  const other = world();
  other.keeper.takeUp("a", ["old"]);
  other.keeper.saved("a");
  expect(other.store.asked).toEqual(["remove a, old"]);
});

it("writes at once when the page may be gone in a moment", () => {
  const { store, keeper, type } = world();
  type("one");
  keeper.now();
  expect(store.asked).toEqual(["put one"]);
});

it("says when the browser keeps nothing, and keeps again when it does", async () => {
  const { store, keeper, type, state } = world();
  keeper.takeUp("a", ["old"]);
  store.refuses = true;
  type("one");
  await pause();
  expect(state()).toBe("refused");
  store.refuses = false;
  type("two");
  await pause();
  expect(state()).toBe("kept");
  expect(store.asked, "the old one goes with the first that was written").toEqual(["put two instead of old"]);
});
