import { beforeEach, describe, expect, it } from "vitest";
import type { Watcher } from "../protocol/generated";
import { LookingOn, pointed } from "./looking-on";

const watcher = (mentor: string, state: Watcher["state"]): Watcher => ({
  mentor,
  name: `Ms. ${mentor}`,
  state,
  present: false,
});

function world() {
  const asked: string[] = [];
  let refuse: Error | null = null;
  const note = async (what: string) => {
    if (refuse) throw refuse;
    asked.push(what);
  };
  const looking = new LookingOn({
    answerWatch: (session, mentor, allowed) => note(`${session} ${mentor} ${allowed}`),
    endWatch: (session, mentor) => note(`${session} ${mentor} ends`),
  });
  return { looking, asked, view: () => looking.view.get(), setRefuse: (why: Error) => (refuse = why) };
}

describe("who looks on", () => {
  beforeEach(() => pointed.set([]));

  it("tells who asks from who may, and forgets who did either", () => {
    const { looking, view } = world();
    const watchers = [watcher("a", "asked"), watcher("b", "allowed"), watcher("c", "refused"), watcher("d", "ended")];
    looking.heard({ type: "watchers_changed", watchers });
    expect([view().asking, view().allowed].map(list => list.map(({ mentor }) => mentor))).toEqual([["a"], ["b"]]);
    looking.heard({ type: "watchers_changed", watchers: [watcher("b", "ended")] });
    expect(view()).toMatchObject({ asking: [], allowed: [] });
  });

  it("keeps one place for each who points", () => {
    const { looking } = world();
    const point = (mentor: string, line: number | null) =>
      looking.heard({ type: "pointed", mentor, name: mentor, place: line ? { path: "a.py", line } : null });
    point("a", 1);
    point("b", 2);
    point("a", 3);
    expect(pointed.get().map(({ mentor, place }) => [mentor, place.line])).toEqual([
      ["b", 2],
      ["a", 3],
    ]);
    point("b", null);
    looking.forget("a");
    expect(pointed.get()).toEqual([]);
  });

  it("sends the answer, and says when it did not arrive", async () => {
    const { looking, asked, view, setRefuse } = world();
    await looking.answer("s", "a", true);
    await looking.end("s", "a");
    expect(asked).toEqual(["s a true", "s a ends"]);
    setRefuse(new Error("no answer"));
    await looking.end("s", "a");
    expect(view().problem).toBe("no answer");
  });

  it("knows of nobody while cut off", () => {
    const { looking, view } = world();
    looking.heard({ type: "watchers_changed", watchers: [watcher("b", "allowed")] });
    looking.heard({ type: "pointed", mentor: "b", name: "b", place: { path: "a.py", line: 1 } });
    looking.gone();
    expect([view().allowed, pointed.get()]).toEqual([[], []]);
  });
});
