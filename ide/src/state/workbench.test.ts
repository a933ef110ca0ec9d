import { describe, expect, it, vi } from "vitest";
import type { Api } from "../api/api";
import type { StoredFile } from "../protocol/generated";
import { Workbench } from "./workbench";

const nothingKept = () => ({ left: async () => [], put: async () => {}, remove: async () => {} });

/** One lesson of one file on a server whose answer to a save can be held back. */
function world() {
  let text = "one";
  let revision = 1;
  let answerSave = () => {};
  const stored = (): StoredFile => ({
    path: "main.py",
    role: "editable",
    revision,
    content: { encoding: "text", data: text },
    executable: false,
  });
  const api = {
    lesson: async () => ({ files: [{ path: "main.py", role: "editable" }], previews: [] }),
    openWorkspace: async () => ({ id: "w", files: [{ ...stored(), size: 0 }], submissions: [] }),
    openSession: () => new Promise(() => {}),
    readFile: async () => stored(),
    saveFile: async (_id: string, _path: string, _revision: number, file: { content: { data: string } }) => {
      await new Promise<void>(resolve => (answerSave = resolve));
      text = file.content.data;
      revision += 1;
      return stored();
    },
  } as unknown as Api;
  const open = async () => {
    const bench = new Workbench("lesson", api, () => expect.fail("nobody connects"), nothingKept);
    const loaded = bench.load();
    return { bench, loaded, document: () => bench.view.get().desk?.files.tabs.get().list[0]?.document };
  };
  return { open, answerSave: () => answerSave() };
}

describe("a lesson left while it is being saved", () => {
  it("shows the saved text when it is opened again at once, and is guarded until then", async () => {
    const { open, answerSave } = world();
    const first = await open();
    await first.loaded;
    first.document()?.edit("two");
    let left = false;
    void first.bench.leave().then(() => (left = true));
    const second = await open();
    await vi.waitFor(() => expect(second.bench.view.get().lesson).not.toBeNull());
    expect(left).toBe(false);
    expect(first.bench.hasUnsaved()).toBe(true);
    answerSave();
    await second.loaded;
    expect(left).toBe(true);
    expect(first.bench.hasUnsaved()).toBe(false);
    expect(second.document()?.view.get().content).toBe("two");
  });
});
