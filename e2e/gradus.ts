/**
 * A real Gradus for a test: `gradus up` (or its parts apart) on a free port with data of its own, killed or stopped as
 * the test says.
 * Needs Docker, the lesson images, the built guest, the built IDE and the built binary (`make test` makes them).
 */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";

const ROOT = resolve(import.meta.dirname, "..");
const BINARY = process.env.GRADUS_BINARY ?? join(ROOT, "target/debug/gradus");
/** How long a start may take with everything built. */
const START_DEADLINE_MS = 60_000;

export interface Setting {
  /** API and agent as two processes (`gradus api`, `gradus agent`), so that one can be killed without the other. */
  apart?: boolean;
}

export class Gradus {
  address = "";
  /** Passwords of the first accounts by name, as printed on the first start. */
  readonly passwords = new Map<string, string>();
  readonly data = mkdtempSync(join(tmpdir(), "gradus-e2e-"));
  /** Marks this instance's containers. */
  readonly agent = basename(this.data);
  readonly #options: string[];
  readonly #apart: boolean;
  /** Serves the API: all of Gradus, unless its parts run apart. */
  #server: ChildProcess | undefined;
  #agentAlone: ChildProcess | undefined;
  #log = "";

  /** `options`: more for the part that serves browsers, in the words of its command line. */
  constructor(options: string[] = [], { apart = false }: Setting = {}) {
    this.#options = options;
    this.#apart = apart;
  }

  /** Starts it on the port it had before, if any, and waits until it says where it is. */
  async start(): Promise<void> {
    if (this.#apart) {
      await this.startApi();
      this.#agentAlone = this.#spawn("agent", "--agent-name", this.agent);
    } else await this.#serve("up", "--agent-name", this.agent);
  }

  /** Where the parts run apart: the API alone, for the first time or again. */
  async startApi(): Promise<void> {
    await this.#serve("api");
  }

  /** As a power cut would: nothing gets to say goodbye. Where the parts run apart, the API's end alone. */
  async kill(): Promise<void> {
    await end(this.#server, "SIGKILL");
  }

  /** As an operator would. */
  async stop(): Promise<void> {
    await end(this.#agentAlone, "SIGTERM");
    await end(this.#server, "SIGTERM");
  }

  /** Stops and forgets everything. */
  async dispose(): Promise<void> {
    await this.stop();
    rmSync(this.data, { recursive: true, force: true });
  }

  /** Memory that its processes hold, in MiB. */
  memory(): number {
    const pids = [this.#server?.pid, this.#agentAlone?.pid].filter((pid) => pid !== undefined);
    const resident = pids.map(
      (pid) => /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1],
    );
    return resident.reduce((sum, kib) => sum + Number(kib) / 1024, 0);
  }

  /** Names of this instance's containers, running or not. */
  containers(): string[] {
    return this.#list("--all");
  }

  /** Names of those that run. */
  running(): string[] {
    return this.#list();
  }

  get log(): string {
    return this.#log;
  }

  async #serve(part: string, ...options: string[]): Promise<void> {
    const listen = this.address ? new URL(this.address).host : "127.0.0.1:0";
    const child = this.#spawn(part, "--listen", listen, ...options, ...this.#options);
    this.#server = child;
    const lines = createInterface({ input: child.stdout as Readable });
    await new Promise<void>((ready, failed) => {
      const give_up = setTimeout(
        () => failed(new Error(`no start in time:\n${this.#log}`)),
        START_DEADLINE_MS,
      );
      child.once("exit", (code) => failed(new Error(`gradus ${part} ended with ${code}:\n${this.#log}`)));
      lines.on("line", (line) => {
        this.#log += `${line}\n`;
        const account = /^\s+(learner|author|grader|admin)\s+(\S+)$/.exec(line);
        if (account?.[1] && account[2]) this.passwords.set(account[1], account[2]);
        const address = /^Gradus is running at (http\S+)$/.exec(line);
        if (address?.[1]) this.address = address[1];
        if (line.startsWith("Press Ctrl-C")) {
          clearTimeout(give_up);
          ready();
        }
      });
    });
  }

  #spawn(part: string, ...options: string[]): ChildProcess {
    const child = spawn(BINARY, [part, "--data", this.data, ...options], {
      cwd: ROOT,
      stdio: ["ignore", "pipe", "pipe"],
    });
    child.stderr.on("data", (chunk) => {
      this.#log += chunk;
    });
    return child;
  }

  #list(...which: string[]): string[] {
    const filter = `label=org.gradus.agent=${this.agent}`;
    const command = ["ps", ...which, "--filter", filter, "--format", "{{.Names}}"];
    return execFileSync("docker", command, { encoding: "utf8" }).split("\n").filter(Boolean);
  }
}

async function end(child: ChildProcess | undefined, signal: NodeJS.Signals): Promise<void> {
  if (!child || child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((done) => child.once("exit", done));
  child.kill(signal);
  await gone;
}
