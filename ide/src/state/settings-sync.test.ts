import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { ApiProblem, NoAnswer } from "../api/http";
import type { Settings, SettingsChange } from "../protocol/generated";
import { type Copy, chosen, EMPTY, type Fields } from "./settings-copy";
import { CHOICE_PAUSE_MS, SettingsSync } from "./settings-sync";
import { Store } from "./store";

/** A server as it is: fields, merged one by one; away or refusing when told so. */
class Server {
  fields: Fields = {};
  puts: SettingsChange["fields"][] = [];
  fails: Error | null = null;

  settings = async (): Promise<Settings> => this.answer();
  changeSettings = async (fields: SettingsChange["fields"]): Promise<Settings> => {
    this.puts.push(fields);
    if (!this.fails) Object.assign(this.fields, fields);
    return this.answer();
  };

  private answer(): Settings {
    if (this.fails) throw this.fails;
    return { version: 1, fields: { ...this.fields } };
  }
}

function problem(status: number): ApiProblem {
  return new ApiProblem({ type: "", title: "", status, detail: "", request_id: "" });
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function device(server: Server, copy = new Store<Copy>(EMPTY)) {
  return {
    copy,
    sync: new SettingsSync(server, copy),
    choose: (change: Fields) => copy.update(c => chosen(c, change)),
  };
}
const settle = () => vi.advanceTimersByTimeAsync(CHOICE_PAUSE_MS);

it("gives a second device what the first chose, and sends a burst of choices once", async () => {
  const server = new Server();
  const laptop = device(server);
  laptop.sync.enter("anna");
  await settle();
  laptop.choose({ theme: "dark" });
  laptop.choose({ theme: "light" });
  laptop.choose({ vimKeys: true });
  await settle();
  expect(server.puts).toEqual([{ theme: "light", vimKeys: true }]);
  const phone = device(server);
  phone.sync.enter("anna");
  await settle();
  expect(phone.copy.get()).toEqual({ account: "anna", stored: { theme: "light", vimKeys: true }, pending: {} });
});

it("keeps a choice while the server is away and sends it when it is back", async () => {
  const server = new Server();
  const { copy, sync, choose } = device(server);
  sync.enter("anna");
  await settle();
  server.fails = new NoAnswer("offline");
  choose({ theme: "dark" });
  await settle();
  expect(copy.get().pending).toEqual({ theme: "dark" });
  server.fails = null;
  await vi.advanceTimersByTimeAsync(60_000);
  expect(server.fields).toEqual({ theme: "dark" });
  expect(copy.get().pending).toEqual({});
});

it("sends nothing while logged out, then what was chosen on the login page", async () => {
  const server = new Server();
  const { sync, choose } = device(server);
  choose({ language: "es" });
  await settle();
  expect(server.puts).toEqual([]);
  sync.enter("anna");
  await settle();
  expect(server.fields).toEqual({ language: "es" });
});

it("keeps what is refused here and does not send it for ever; a lost login sends it later", async () => {
  const server = new Server();
  const { copy, sync, choose } = device(server);
  sync.enter("anna");
  await settle();
  server.fails = problem(422);
  choose({ theme: "dark" });
  await vi.advanceTimersByTimeAsync(60_000);
  expect(server.puts.length).toBe(1);
  expect(copy.get()).toEqual({ account: "anna", stored: { theme: "dark" }, pending: {} });

  server.fails = problem(401);
  choose({ codeSize: 16 });
  await vi.advanceTimersByTimeAsync(60_000);
  server.fails = null;
  sync.enter("anna");
  await settle();
  expect(server.fields).toEqual({ codeSize: 16 });
});

it("does not take the answer to one person for another's", async () => {
  const server = new Server();
  const { copy, sync } = device(server);
  server.fields = { vimKeys: true };
  sync.enter("anna");
  sync.leave();
  sync.enter("ben");
  server.fields = {};
  await settle();
  await settle();
  expect(copy.get()).toEqual({ account: "ben", stored: {}, pending: {} });
});
