import { describe, expect, it } from "vitest";
import { NoAnswer } from "../api/http";
import type { PreviewTicket, SessionState } from "../protocol/generated";
import { Previews, pathOf } from "./previews";

const PORTS = [
  { port: 8000, title: "Notes", path: "/notes" },
  { port: 8001, title: "Admin", path: "/" },
];
const READY: SessionState = {
  type: "ready",
  since: 0,
  until: 0,
  idle_seconds: 600,
  extensions_left: 0,
  extension_seconds: 0,
};
const ENDED: SessionState = { type: "ended", reason: { type: "asked" } };

/** A server that answers when it is told to. */
function world(ports = PORTS) {
  const asked: string[] = [];
  const waiting: { answer: (ticket: PreviewTicket) => void; fail: (why: Error) => void }[] = [];
  const openPreview = (session: string, port: number, path: string) => {
    asked.push(`${session} ${port} ${path}`);
    return new Promise<PreviewTicket>((answer, fail) => waiting.push({ answer, fail }));
  };
  const previews = new Previews({ openPreview }, ports, new AbortController().signal);
  const settled = async () => {
    for (let turn = 0; turn < 5; turn++) await Promise.resolve();
  };
  return {
    previews,
    asked,
    answer: async (url: string) => {
      waiting.shift()?.answer({ url });
      await settled();
    },
    fail: async (why: Error) => {
      waiting.shift()?.fail(why);
      await settled();
    },
    one: (at = 0) => previews.view.get().list[at],
  };
}

describe("a preview", () => {
  it("is opened when it comes into view, once, at the author's address", async () => {
    const { previews, asked, answer, one } = world();
    previews.machineIs({ id: "s1", state: READY });
    expect(asked).toEqual([]);
    previews.show();
    expect(one()?.opening).toBe(true);
    await answer("http://p/1");
    expect(one()).toMatchObject({ url: "http://p/1", opening: false, problem: null });
    previews.hide();
    previews.show();
    expect(asked).toEqual(["s1 8000 /notes"]);
  });

  it("waits for a machine, and is opened anew on the next one", async () => {
    const { previews, asked, answer, one } = world();
    previews.show();
    expect(asked).toEqual([]);
    previews.machineIs({ id: "s1", state: { type: "queued" } });
    await answer("http://p/1");
    previews.machineIs({ id: "s1", state: READY });
    expect(one()?.url).toBe("http://p/1");
    previews.machineIs({ id: "s1", state: ENDED });
    expect(one()?.url).toBeNull();
    previews.machineIs({ id: "s2", state: READY });
    await answer("http://p/2");
    expect(one()?.url).toBe("http://p/2");
    expect(asked).toEqual(["s1 8000 /notes", "s2 8000 /notes"]);
  });

  it("does not show what was meant for a machine that is gone", async () => {
    const { previews, answer, one } = world();
    previews.machineIs({ id: "s1", state: READY });
    previews.show();
    previews.machineIs({ id: "s2", state: READY });
    await answer("http://p/old");
    expect(one()?.url).toBeNull();
    await answer("http://p/new");
    expect(one()?.url).toBe("http://p/new");
  });

  it("goes where it is told, reloads, and keeps one address per server", async () => {
    const { previews, asked, answer, one } = world();
    previews.machineIs({ id: "s1", state: READY });
    previews.show();
    await answer("http://p/1");
    previews.go("localhost:8000/notes/7");
    await answer("http://p/2");
    previews.select(8001);
    await answer("http://p/3");
    previews.select(8000);
    previews.reload();
    await answer("http://p/4");
    expect(asked).toEqual(["s1 8000 /notes", "s1 8000 /notes/7", "s1 8001 /", "s1 8000 /notes/7"]);
    expect(one()?.url).toBe("http://p/4");
    expect(one(1)?.url).toBe("http://p/3");
  });

  it("says why it cannot be opened, and tries again only when asked", async () => {
    const { previews, asked, fail, answer, one } = world();
    previews.machineIs({ id: "s1", state: READY });
    previews.show();
    await fail(new NoAnswer("offline"));
    expect(one()?.problem).toBe("The server did not answer.");
    expect(asked).toHaveLength(1);
    previews.reload();
    await answer("http://p/1");
    expect(one()).toMatchObject({ url: "http://p/1", problem: null });
  });

  it("gives a page of its own a ticket of its own", async () => {
    const { previews, answer, one } = world();
    previews.machineIs({ id: "s1", state: READY });
    const ticket = previews.ticket();
    await answer("http://p/tab");
    expect(await ticket).toBe("http://p/tab");
    expect(one()?.url).toBeNull();
  });
});

it.each([
  ["/notes", "/notes"],
  ["notes", "/notes"],
  ["", "/"],
  ["?a=1", "/?a=1"],
  ["http://localhost:8000/notes?a=1#x", "/notes?a=1"],
  ["127.0.0.1:8000", "/"],
  ["localhost:8001/x", "/localhost:8001/x"],
  ["//evil.example/x", "/evil.example/x"],
  ["\\\\evil.example", "/evil.example"],
  ["/a/..//evil.example", "/evil.example"],
  ["/año nuevo", "/a%C3%B1o%20nuevo"],
])("what is typed as %s is the path %s", (typed, path) => {
  expect(pathOf(typed, 8000)).toBe(path);
});
