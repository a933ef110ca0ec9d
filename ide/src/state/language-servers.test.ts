import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { ChannelProblem, ChannelTarget } from "../protocol/generated";
import type { ChannelEvents } from "./channels";
import { encodeMessage, MessageReader } from "./framing";
import {
  IDLE_MS,
  LanguageServers,
  type Line,
  MAX_CRASHES,
  RESTART_AFTER_MS,
  serverLanguageOf,
} from "./language-servers";

/** The machine's side: which servers were started, and what reached the last of them. */
class Machine {
  started: string[] = [];
  heard: string[] = [];
  connected = true;
  events: ChannelEvents | null = null;

  open = (target: ChannelTarget, events: ChannelEvents) => {
    if (!this.connected) return null;
    if (target.type === "language_server") this.started.push(target.language);
    const reader = new MessageReader();
    let over = false;
    this.events = {
      ...events,
      closed: reason => {
        over = true;
        events.closed(reason);
      },
    };
    return {
      send: (bytes: Uint8Array) => {
        if (!over) this.heard.push(...reader.push(bytes));
        return !over;
      },
      close: () => this.events?.closed(null),
    };
  };
  end(reason: ChannelProblem | null): void {
    this.events?.closed(reason);
  }
}

const CRASH: ChannelProblem = { type: "program_ended", status: { type: "exited", code: 1 } };
let machine: Machine;
let servers: LanguageServers;
beforeEach(() => {
  vi.useFakeTimers();
  machine = new Machine();
  servers = new LanguageServers(machine);
});
afterEach(() => void vi.useRealTimers());

function line(): Line {
  const server = servers.of("python");
  if (server.type !== "running") throw new Error(`it is ${server.type}`);
  return server.line;
}
function run(): void {
  servers.machine(true);
  servers.wanted("python");
  machine.events?.opened();
}

it("starts one for a language when it is first wanted and there is a machine, once", () => {
  servers.wanted("python");
  expect([servers.of("python").type, machine.started]).toEqual(["starting", []]);
  servers.machine(true);
  servers.wanted("python");
  expect([servers.of("python").type, machine.started]).toEqual(["starting", ["python"]]);
  machine.events?.opened();
  expect(servers.of("python").type).toBe("running");
  expect(servers.of("c").type).toBe("off");
});

it("starts one that was asked for before the socket was there, when it is", () => {
  machine.connected = false;
  servers.machine(true);
  servers.wanted("python");
  expect(machine.started).toEqual([]);
  machine.connected = true;
  servers.machine(true);
  servers.machine(true);
  expect(machine.started).toEqual(["python"]);
});

it("carries whole messages both ways, and passes over one that its client cannot take", () => {
  run();
  const heard: string[] = [];
  const handler = (message: string) => {
    if (message === '"bad"') throw new RangeError("no such line");
    heard.push(message);
  };
  line().subscribe(handler);
  line().send('{"ü":1}');
  expect(machine.heard).toEqual(['{"ü":1}']);
  const bytes = ['{"id":1}', '"bad"', '{"id":2}'].flatMap(text => [...encodeMessage(text)]);
  for (const byte of bytes) machine.events?.bytes(new Uint8Array([byte]));
  expect(heard).toEqual(['{"id":1}', '{"id":2}']);
  line().unsubscribe(handler);
  machine.events?.bytes(encodeMessage("{}"));
  expect(heard.length).toBe(2);
});

it("is silent where the image has none, and does not ask again", async () => {
  servers.machine(true);
  servers.wanted("python");
  machine.end({ type: "cannot_start", detail: "no such program" });
  servers.wanted("python");
  servers.machine(false);
  servers.machine(true);
  await vi.runAllTimersAsync();
  expect([servers.of("python").type, machine.started.length]).toEqual(["absent", 1]);
});

it("starts a crashed one again, but leaves off one that keeps crashing", async () => {
  run();
  for (let crash = 1; crash < MAX_CRASHES; crash += 1) {
    const before = line();
    machine.end(CRASH);
    const { length } = machine.heard;
    before.send("{}");
    expect(machine.heard.length, "what is said to one that is gone is lost").toBe(length);
    await vi.advanceTimersByTimeAsync(RESTART_AFTER_MS);
    machine.events?.opened();
    expect(line()).not.toBe(before);
  }
  machine.end(CRASH);
  await vi.runAllTimersAsync();
  servers.wanted("python");
  expect([servers.of("python").type, machine.started.length]).toEqual(["broken", MAX_CRASHES]);
});

it("takes one that does not speak the protocol for a crashed one", async () => {
  for (let crash = 0; crash < MAX_CRASHES; crash += 1) {
    run();
    machine.events?.bytes(new TextEncoder().encode("hello\r\n\r\n"));
    await vi.advanceTimersByTimeAsync(RESTART_AFTER_MS);
  }
  expect(servers.of("python").type).toBe("broken");
});

it("comes back after any number of cuts, which are nobody's crash", async () => {
  run();
  for (let cut = 0; cut < 2 * MAX_CRASHES; cut += 1) {
    machine.connected = false;
    servers.machine(false);
    machine.end({ type: "no_container" });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(servers.of("python").type).toBe("starting");
    machine.connected = true;
    servers.machine(true);
    machine.events?.opened();
    expect(servers.of("python").type).toBe("running");
  }
  // Cut behind the relay: nobody says that the machine was away.
  machine.end({ type: "no_container" });
  await vi.advanceTimersByTimeAsync(60_000);
  machine.events?.opened();
  expect(servers.of("python").type).toBe("running");
});

it("gives the memory back when nobody has asked for long, until it is wanted again", async () => {
  run();
  await vi.advanceTimersByTimeAsync(IDLE_MS - 1_000);
  line().send("{}");
  await vi.advanceTimersByTimeAsync(IDLE_MS - 1_000);
  expect(servers.of("python").type).toBe("running");
  await vi.advanceTimersByTimeAsync(2_000);
  expect(servers.of("python").type).toBe("off");
  servers.wanted("python");
  machine.events?.opened();
  expect([servers.of("python").type, machine.started.length]).toEqual(["running", 2]);
});

it("ends with the lesson", async () => {
  run();
  servers.dispose();
  await vi.runAllTimersAsync();
  expect([servers.of("python").type, machine.started.length]).toEqual(["off", 1]);
});

it("knows which files are whose", () => {
  const rows = ["a/b.py", "x.H", "run.sh", "tests/a.bats", "q.sql", "a.mjs", "notes.md", "Makefile", "x.constructor"];
  const languages = ["python", "c", "bash", "bash", "sql", "javascript", null, null, null];
  expect(rows.map(serverLanguageOf)).toEqual(languages);
});
