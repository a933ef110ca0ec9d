import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ApiProblem, NoAnswer } from "../api/http";
import type { FileContent, StoredFile } from "../protocol/generated";
import { AUTOSAVE_AT_LEAST_EVERY_MS, AUTOSAVE_PAUSE_MS, TextDocument } from "./document";
import { merge } from "./merge";

const PATH = "main.py";
const file = (revision: number, data: string): StoredFile => ({
  path: PATH,
  role: "editable",
  revision,
  content: { encoding: "text", data },
  executable: false,
});
const problem = (status: number, current?: StoredFile) =>
  new ApiProblem({
    type: "",
    title: "",
    status,
    detail: `refused ${status}`,
    request_id: "r",
    current: current ?? null,
  });

/** The server's side: one file with revisions, honest about stale ones, and a line to it that can be cut. */
class Server {
  file: StoredFile | null = file(1, "one");
  saves: string[] = [];
  down: "no" | "request" | "answer" = "no";
  refusal: ApiProblem | null = null;

  save = async (_path: string, revision: number, { content }: { content: FileContent }): Promise<StoredFile> => {
    this.saves.push(content.data);
    if (this.down === "request") throw new NoAnswer("cut");
    if (this.refusal) throw this.refusal;
    if (revision !== (this.file?.revision ?? 0)) throw problem(412, this.file ?? undefined);
    this.file = file(revision + 1, content.data);
    if (this.down === "answer") throw new NoAnswer("cut");
    return this.file;
  };

  read = async (): Promise<StoredFile> => {
    if (!this.file) throw problem(404);
    return this.file;
  };

  get text() {
    return this.file?.content.data;
  }
}

const loadMerge = async () => merge;

function world() {
  const server = new Server();
  const document = new TextDocument(file(1, "one"), server, loadMerge);
  return { server, document, view: () => document.view.get(), state: () => document.view.get().state };
}
const pause = (ms = AUTOSAVE_PAUSE_MS) => vi.advanceTimersByTimeAsync(ms);

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("a document", () => {
  it("says saved only once the server has it", async () => {
    const { server, document, state } = world();
    document.edit("two");
    expect(state()).toBe("unsaved");
    await pause();
    expect(state()).toBe("saved");
    expect(server.text).toBe("two");
  });

  it("waits for a pause, but not for ever", async () => {
    const { server, document } = world();
    for (let typed = 0; typed * 100 < AUTOSAVE_AT_LEAST_EVERY_MS; typed += 1) {
      document.edit(`typing ${typed}`);
      await pause(100);
    }
    expect(server.saves.length).toBe(1);
  });

  it("saves what was typed while a save was under way", async () => {
    const { server, document, state } = world();
    document.edit("two");
    const saved = document.flush();
    document.edit("three");
    expect(await saved).toBe(true);
    expect(state()).toBe("saved");
    expect(server.saves).toEqual(["two", "three"]);
  });

  it("tries again while the server is away, and never says saved before", async () => {
    const { server, document, state } = world();
    server.down = "request";
    document.edit("two");
    expect(await document.flush()).toBe(false);
    expect(state()).toBe("retrying");
    server.down = "no";
    await pause(600);
    expect(state()).toBe("saved");
  });

  it("goes on trying after being asked to save at once while the server is away", async () => {
    const { server, document, state } = world();
    server.down = "request";
    document.edit("two");
    expect(await document.flush()).toBe(false);
    expect(await document.flush()).toBe(false);
    expect(server.saves).toHaveLength(2);
    server.down = "no";
    await pause(2_000);
    expect(state()).toBe("saved");
    expect(server.text).toBe("two");
  });

  it("is saved at once when asked, although the next try is seconds away", async () => {
    const { server, document } = world();
    server.down = "request";
    document.edit("two");
    await document.flush();
    server.down = "no";
    expect(await document.flush()).toBe(true);
    expect(server.text).toBe("two");
  });

  it("is not in conflict with itself when only the answer was lost", async () => {
    const { server, document, state } = world();
    server.down = "answer";
    document.edit("two");
    await document.flush();
    document.edit("three");
    server.down = "no";
    document.retryNow();
    await document.flush();
    expect(state()).toBe("saved");
    expect(server.file).toEqual(file(3, "three"));
  });

  it("keeps both when someone else was faster", async () => {
    const { server, document, view } = world();
    server.file = file(2, "theirs");
    document.edit("mine");
    expect(await document.flush()).toBe(false);
    expect(view()).toMatchObject({ state: "conflict", content: "mine", theirs: { content: { data: "theirs" } } });
    document.edit("mine and more");
    await pause(10_000);
    expect(server.text).toBe("theirs");
    document.keepMine();
    await document.flush();
    expect(server.file).toEqual(file(3, "mine and more"));
  });

  it("takes theirs when asked", async () => {
    const { server, document, view } = world();
    server.file = file(2, "theirs");
    document.edit("mine");
    await document.flush();
    document.takeTheirs();
    expect(view()).toMatchObject({ state: "saved", content: "theirs", theirs: null });
  });

  it("can be kept although someone deleted it", async () => {
    const { server, document, view } = world();
    server.file = null;
    document.edit("mine");
    await document.flush();
    expect(view()).toMatchObject({ state: "conflict", theirs: null });
    document.keepMine();
    await document.flush();
    expect(server.file).toEqual(file(1, "mine"));
  });

  it("follows a change from elsewhere while nothing is unsaved", async () => {
    const { server, document, view } = world();
    server.file = file(2, "from the container");
    document.changedElsewhere(2, false);
    await pause(0);
    expect(view()).toMatchObject({ state: "saved", content: "from the container" });
    document.changedElsewhere(3, true);
    expect(view().removed).toBe(true);
  });

  it("never replaces unsaved text by a change from elsewhere", async () => {
    const { server, document, view } = world();
    server.file = file(2, "from the container");
    document.edit("mine");
    document.changedElsewhere(2, false);
    await pause();
    expect(view()).toMatchObject({ state: "conflict", content: "mine" });
  });

  it("says why when the server will not have it, and tries again after the next edit", async () => {
    const { server, document, view } = world();
    server.refusal = problem(413);
    document.edit("too big");
    await pause();
    expect(view()).toMatchObject({ state: "refused", reason: "refused 413" });
    server.refusal = null;
    document.edit("small");
    await pause();
    expect(view()).toMatchObject({ state: "saved", reason: null });
  });

  it("joins what was changed apart, and saves the whole", async () => {
    const { server, document, view } = world();
    await edited(document, "a\nb\nc\n");
    server.file = file(3, "a\nb\nC\n");
    document.edit("A\nb\nc\n");
    const saved = document.flush();
    expect(await saved).toBe(true);
    expect(view()).toMatchObject({ state: "saved", content: "A\nb\nC\n" });
    expect(server.file).toEqual(file(4, "A\nb\nC\n"));
  });

  it("keeps what is typed while both are being joined", async () => {
    const { server, document } = world();
    await edited(document, "a\nb\nc\n");
    server.file = file(3, "a\nb\nC\n");
    document.edit("A\nb\nc\n");
    const saved = document.flush();
    document.edit("AA\nb\nc\n");
    await saved;
    expect(server.text).toBe("AA\nb\nC\n");
  });

  it("saves an edited merge on what it was made over", async () => {
    const { server, document, view } = world();
    server.file = file(2, "theirs");
    document.edit("mine");
    await document.flush();
    document.resolve("mine and theirs");
    expect(await document.flush()).toBe(true);
    expect(server.file).toEqual(file(3, "mine and theirs"));
    expect(view().theirs).toBeNull();
  });
});

describe("a draft", () => {
  it("is what is unsaved, with what it grew out of and what may have arrived", async () => {
    const { server, document } = world();
    expect(document.draft()).toBeNull();
    server.down = "answer";
    document.edit("two");
    await document.flush();
    document.edit("three");
    expect(document.draft()).toMatchObject({ path: PATH, text: "three", base: "one", revision: 1, sent: ["two"] });
  });

  const left = (text: string, sent: string[] = []) =>
    TextDocument.resume(
      { path: PATH, text, base: "one\n\ntwo\n", revision: 1, executable: false, sent },
      server,
      loadMerge,
    );
  let server = new Server();
  beforeEach(() => {
    server = new Server();
    server.file = file(1, "one\n\ntwo\n");
  });

  it("comes back and is saved when nobody changed the file", async () => {
    const document = left("one\n\ntwo\nthree\n");
    expect(document.view.get().state).toBe("unsaved");
    expect(await document.flush()).toBe(true);
    expect(server.file).toEqual(file(2, "one\n\ntwo\nthree\n"));
  });

  it("is merged with what was stored meanwhile", async () => {
    server.file = file(5, "ONE\n\ntwo\n");
    expect(await left("one\n\ntwo\nthree\n").flush()).toBe(true);
    expect(server.text).toBe("ONE\n\ntwo\nthree\n");
  });

  it("is not in conflict with the part of it that did arrive", async () => {
    server.file = file(2, "one\n\ntwo and a half\n");
    expect(await left("one\n\ntwo and more\n", ["one\n\ntwo and a half\n"]).flush()).toBe(true);
    expect(server.text).toBe("one\n\ntwo and more\n");
  });

  it("shows both where they collide, and where the file is gone, and goes on being a draft", async () => {
    server.file = file(5, "uno\n\ntwo\n");
    const document = left("eins\n\ntwo\n");
    expect(await document.flush()).toBe(false);
    expect(document.view.get()).toMatchObject({ state: "conflict", content: "eins\n\ntwo\n", theirs: server.file });
    expect(document.draft()).toMatchObject({ text: "eins\n\ntwo\n", base: "one\n\ntwo\n" });
    server.file = null;
    const other = left("eins\n\ntwo\n");
    await other.flush();
    expect(other.view.get()).toMatchObject({ state: "conflict", theirs: null });
  });
});

async function edited(document: TextDocument, text: string) {
  document.edit(text);
  expect(await document.flush()).toBe(true);
}
