import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ApiProblem, NoAnswer } from "../api/http";
import type { SaveFile, StoredFile, Workspace } from "../protocol/generated";
import type { Draft, LeftDraft } from "./draft";
import { KEEP_PAUSE_MS } from "./draft-keeper";
import { RECOVER_WITHIN_MS, WorkspaceFiles } from "./workspace-files";

const ME = "me";

/** The stored workspace, as honest about revisions as the real one. */
class Server {
  files = new Map<string, StoredFile>();

  put(path: string, data: string, role: StoredFile["role"] = "editable") {
    const revision = (this.files.get(path)?.revision ?? 0) + 1;
    const file: StoredFile = { path, role, revision, content: { encoding: "text", data }, executable: false };
    this.files.set(path, file);
    return file;
  }

  entries() {
    return [...this.files.values()].map(({ path, role, revision }) => ({ path, role, revision, size: 0 }));
  }

  api = {
    readFile: async (_id: string, path: string) => this.files.get(path) ?? fail(404),
    saveFile: async (_id: string, path: string, revision: number, { content }: SaveFile) => {
      const now = this.files.get(path);
      if ((now?.revision ?? 0) !== revision) fail(412, now);
      return this.put(path, content.data);
    },
    deleteFile: async (_id: string, path: string, revision: number) => {
      if (this.files.get(path)?.revision !== revision) fail(412);
      this.files.delete(path);
    },
    rename: async (_id: string, from: string, to: string) => {
      for (const [path, file] of [...this.files]) {
        if (path !== from && !path.startsWith(`${from}/`)) continue;
        this.files.delete(path);
        this.files.set(to + path.slice(from.length), { ...file, path: to + path.slice(from.length), revision: 1 });
      }
    },
    workspace: async (id: string): Promise<Workspace> => ({
      id,
      lesson: "l",
      files: this.entries(),
      session: null,
      submissions: [],
    }),
  };
}

function fail(status: number, current?: StoredFile): never {
  const detail = `refused ${status}`;
  throw new ApiProblem({ type: "", title: "", status, detail, request_id: "", current: current ?? null });
}

/** The browser's store of drafts, as one page after the other sees it. */
class Browser {
  rows = new Map<string, LeftDraft>();
  page = 1;

  store() {
    const page = this.page++;
    const id = (path: string) => `${path} of page ${page}`;
    return {
      left: async () => [...this.rows.values()],
      put: async (draft: Draft, instead: (readonly unknown[])[]) => {
        for (const [other] of instead) this.rows.delete(String(other));
        this.rows.set(id(draft.path), { ...draft, key: [id(draft.path)], at: page });
      },
      remove: async (path: string, others: (readonly unknown[])[]) => {
        for (const other of [id(path), ...others.map(String)]) this.rows.delete(other);
      },
    };
  }
}

async function world(browser = new Browser()) {
  const server = new Server();
  server.put("main.py", "one");
  server.put("src/a.py", "a");
  server.put("notes.md", "read me", "read_only");
  const files = new WorkspaceFiles(server.api, "w", ME, server.entries(), browser.store());
  await files.open("main.py");
  const document = (path: string) =>
    files.tabs.get().list.find(tab => tab.path === path)?.document ?? expect.fail(`${path} is not open`);
  const settle = async () => {
    for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
  };
  return { server, files, document, settle, browser, open: () => files.tabs.get().list.map(tab => tab.path) };
}

describe("workspace files", () => {
  it("open once each, and the neighbour comes forward when one is closed", async () => {
    const { files, open } = await world();
    await files.open("src/a.py");
    await files.open("notes.md");
    await files.open("src/a.py");
    expect(open()).toEqual(["main.py", "src/a.py", "notes.md"]);
    files.close("src/a.py");
    expect(files.tabs.get()).toMatchObject({ active: "notes.md" });
  });

  it("are one document each, however impatiently they are opened", async () => {
    const { server, files, document } = await world();
    const { readFile } = server.api;
    let answer = () => {};
    const slow = new Promise<void>(resolve => (answer = resolve));
    server.api.readFile = async (...asked) => slow.then(() => readFile(...asked));
    const second = files.open("src/a.py");
    server.api.readFile = readFile;
    await files.open("src/a.py");
    document("src/a.py").edit("typed");
    answer();
    await second;
    expect(document("src/a.py").view.get().content).toBe("typed");
  });

  it("are saved only when all are", async () => {
    const { server, files, document } = await world();
    await files.open("src/a.py");
    document("main.py").edit("two");
    document("src/a.py").edit("b");
    expect(files.saving.get()).toBe("unsaved");
    expect(await files.saveAll()).toBe(true);
    expect(files.saving.get()).toBe("saved");
    expect(server.files.get("main.py")?.content.data).toBe("two");
  });

  it("lose nothing when a tab is closed on unsaved text", async () => {
    const { server, files, document, settle } = await world();
    document("main.py").edit("two");
    files.close("main.py");
    await settle();
    expect(server.files.get("main.py")?.content.data).toBe("two");
    await files.open("main.py");
    expect(document("main.py").view.get().content.toString()).toBe("two");
  });

  it("are created, renamed with their folder and deleted", async () => {
    const { server, files, open, document } = await world();
    expect(await files.create("src/new.py")).toBe(true);
    document("src/new.py").edit("fresh");
    expect(await files.rename("src", "lib")).toBe(true);
    expect(files.paths()).toEqual(["lib/a.py", "lib/new.py", "main.py", "notes.md"]);
    expect(open()).toEqual(["main.py", "lib/new.py"]);
    expect(files.tabs.get().active).toBe("lib/new.py");
    expect(server.files.get("lib/new.py")?.content.data).toBe("fresh");
    expect(await files.remove("lib")).toBe(true);
    expect(files.paths()).toEqual(["main.py", "notes.md"]);
    expect(open()).toEqual(["main.py"]);
  });

  it("are not renamed while something in them is not saved", async () => {
    const { server, files, document, open } = await world();
    await files.open("src/a.py");
    server.put("src/a.py", "theirs");
    document("src/a.py").edit("mine");
    expect(await files.rename("src", "lib")).toBe(false);
    expect(files.problem.get()).toMatch(/not everything in it is saved/i);
    expect(open()).toContain("src/a.py");
    expect(document("src/a.py").view.get()).toMatchObject({ state: "conflict", content: "mine" });
    expect(server.files.has("src/a.py")).toBe(true);
  });

  it("are not renamed while text of a closed tab is not saved", async () => {
    const { server, files, document, settle } = await world();
    await files.open("src/a.py");
    server.put("src/a.py", "theirs");
    document("src/a.py").edit("mine");
    files.close("src/a.py");
    await settle();
    expect(await files.rename("src", "lib")).toBe(false);
    await files.open("src/a.py");
    expect(document("src/a.py").view.get()).toMatchObject({ state: "conflict", content: "mine" });
  });

  it("keep what is typed while they are renamed", async () => {
    const { server, files, document } = await world();
    await files.open("src/a.py");
    const { rename } = server.api;
    server.api.rename = async (...asked) => {
      document("src/a.py").edit("typed meanwhile");
      await rename(...asked);
    };
    expect(await files.rename("src", "lib")).toBe(true);
    expect(document("lib/a.py").view.get().content.toString()).toBe("typed meanwhile");
    expect(await files.saveAll()).toBe(true);
    expect(server.files.get("lib/a.py")?.content.data).toBe("typed meanwhile");
  });

  it("keep it even when they cannot be read at their new place at once", async () => {
    const { server, files, document } = await world();
    await files.open("src/a.py");
    const { rename, readFile } = server.api;
    server.api.rename = async (...asked) => {
      document("src/a.py").edit("typed meanwhile");
      await rename(...asked);
      server.api.readFile = async () => fail(503);
    };
    await files.rename("src", "lib");
    expect(files.saving.get()).toBe("unsaved");
    expect(await files.saveAll()).toBe(false);
    server.api.readFile = readFile;
    expect(await files.saveAll()).toBe(true);
    expect(files.saving.get()).toBe("saved");
    expect(server.files.get("lib/a.py")?.content.data).toBe("typed meanwhile");
  });

  it("say why something could not be done", async () => {
    const { files } = await world();
    expect(await files.create("main.py")).toBe(false);
    expect(files.problem.get()).toMatch(/changed elsewhere/);
  });

  it("follow the container, and not their own echo", async () => {
    const { server, files, document, settle } = await world();
    const echo = { type: "client", client: ME } as const;
    const changed = (path: string, revision: number, origin: typeof echo | { type: "container" }, removed = false) =>
      files.changed({ type: "file_changed", path, revision, removed, origin });
    server.put("main.py", "by a program");
    changed("main.py", 2, { type: "container" });
    changed("out.txt", 1, { type: "container" });
    changed("ghost.txt", 1, echo);
    await settle();
    expect(document("main.py").view.get().content).toBe("by a program");
    expect(files.paths()).toEqual(["main.py", "notes.md", "out.txt", "src/a.py"]);
    changed("main.py", 3, { type: "container" }, true);
    expect(files.paths()).not.toContain("main.py");
    expect(files.tabs.get().list).toEqual([]);
  });

  it("follow a save of this page that they do not know of, as from a lesson left and opened again", async () => {
    const { server, files, document, settle } = await world();
    server.put("main.py", "saved on the way out");
    const origin = { type: "client", client: ME } as const;
    files.changed({ type: "file_changed", path: "main.py", revision: 2, removed: false, origin });
    await settle();
    expect(document("main.py").view.get()).toMatchObject({ state: "saved", content: "saved on the way out" });
    document("main.py").edit("and more");
    expect(await files.saveAll()).toBe(true);
  });

  it("catch up after messages were missed", async () => {
    const { server, files, document, settle, open } = await world();
    await files.open("src/a.py");
    server.put("main.py", "while we were away");
    server.files.delete("src/a.py");
    server.put("fresh.txt", "new");
    files.reconcile(server.entries());
    await settle();
    expect(document("main.py").view.get().content).toBe("while we were away");
    expect(open()).toEqual(["main.py"]);
    expect(files.paths()).toContain("fresh.txt");
  });
});

describe("text that the server does not have", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  const cut = async (): Promise<never> => {
    throw new NoAnswer("cut");
  };
  /** The page is closed with `text` unsaved in main.py; another is opened. */
  async function leftBehind(text: string, browser = new Browser()) {
    const first = await world(browser);
    first.server.api.saveFile = cut;
    first.document("main.py").edit(text);
    expect(first.files.keeper.state.get()).toBe("writing");
    await vi.advanceTimersByTimeAsync(KEEP_PAUSE_MS);
    expect(first.files.keeper.state.get()).toBe("kept");
    first.document("main.py").dispose();
    return browser;
  }
  async function nextPage(browser: Browser, stored = "one") {
    const server = new Server();
    server.put("main.py", "one");
    if (stored !== "one") server.put("main.py", stored);
    const files = new WorkspaceFiles(server.api, "w", ME, server.entries(), browser.store());
    await files.recover();
    await files.open("main.py");
    const document = () => files.tabs.get().list[0]?.document ?? expect.fail("not open");
    return { server, files, document };
  }

  it("is kept in the browser until it has it", async () => {
    const { files, document, browser } = await world();
    document("main.py").edit("two");
    await vi.advanceTimersByTimeAsync(KEEP_PAUSE_MS);
    expect([...browser.rows.values()]).toMatchObject([{ path: "main.py", text: "two", base: "one" }]);
    await files.saveAll();
    await vi.advanceTimersByTimeAsync(0);
    expect(browser.rows.size).toBe(0);
  });

  it("comes back on the next page, is saved, and only then forgotten", async () => {
    const browser = await leftBehind("two");
    const { server, files, document } = await nextPage(browser);
    expect(document().view.get().content).toBe("two");
    expect(files.recovered.get()).toEqual(["main.py"]);
    await files.saveAll();
    await vi.advanceTimersByTimeAsync(KEEP_PAUSE_MS);
    expect(server.files.get("main.py")?.content.data).toBe("two");
    expect(browser.rows.size).toBe(0);
  });

  it("stays kept through a conflict, page after page, once", async () => {
    const browser = await leftBehind("mine");
    for (let page = 0; page < 3; page += 1) {
      const { files, document } = await nextPage(browser, "theirs");
      await files.saveAll();
      await vi.advanceTimersByTimeAsync(KEEP_PAUSE_MS);
      expect(document().view.get()).toMatchObject({ state: "conflict", content: "mine" });
      expect([...browser.rows.values()]).toMatchObject([{ text: "mine", base: "one" }]);
    }
  });

  it("of two pages is taken up one after the other", async () => {
    const browser = await leftBehind("from the first");
    await leftBehind("from the second", browser);
    expect(browser.rows.size).toBe(2);
    const { server, files, document } = await nextPage(browser);
    await files.saveAll();
    expect(server.files.get("main.py")?.content.data).toBe("from the first");
    expect(document().view.get()).toMatchObject({ state: "conflict", content: "from the second" });
    document().keepMine();
    await files.saveAll();
    await vi.advanceTimersByTimeAsync(KEEP_PAUSE_MS);
    expect(server.files.get("main.py")?.content.data).toBe("from the second");
    expect(browser.rows.size).toBe(0);
  });

  it("is said to be in this page alone when the browser keeps nothing", async () => {
    const { files, document, browser, server } = await world();
    const refusing = { ...browser.store(), put: async () => Promise.reject(new Error("QuotaExceededError")) };
    const other = new WorkspaceFiles(server.api, "w", ME, server.entries(), refusing);
    await other.open("main.py");
    other.tabs.get().list[0]?.document?.edit("two");
    await vi.advanceTimersByTimeAsync(KEEP_PAUSE_MS);
    expect(other.keeper.state.get()).toBe("refused");
    expect(files.keeper.state.get()).toBe("kept");
    expect(document("main.py").unsaved).toBe(false);
  });

  it("does not hold the lesson back when the browser does not answer", async () => {
    const { server } = await world();
    const silent = { ...new Browser().store(), left: () => new Promise<LeftDraft[]>(() => {}) };
    const files = new WorkspaceFiles(server.api, "w", ME, server.entries(), silent);
    const recovered = files.recover();
    await vi.advanceTimersByTimeAsync(RECOVER_WITHIN_MS);
    await recovered;
    expect(files.recovered.get()).toEqual([]);
  });

  it("is not lost to a create, rename or delete that cannot be done just now", async () => {
    const { files, server, open } = await world();
    server.api.saveFile = cut;
    server.api.rename = cut;
    server.api.deleteFile = cut;
    for (const refused of [files.create("new.py"), files.rename("src", "lib"), files.remove("main.py")]) {
      expect(await refused).toBe(false);
      expect(files.problem.get()).toMatch(/server does not answer/);
    }
    expect(open()).toEqual(["main.py"]);
  });
});
