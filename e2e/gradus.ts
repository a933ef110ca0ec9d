/**
 * A real Gradus for a test: `gradus up` on a free port with data of its own, killed or stopped as the test says.
 * Needs Docker, the lesson images, the built guest, the built IDE and the built binary (`make test` makes them).
 */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { createInterface } from "node:readline";

const ROOT = resolve(import.meta.dirname, "..");
const BINARY = process.env.GRADUS_BINARY ?? join(ROOT, "target/debug/gradus");
/** How long a start may take with everything built. */
const START_DEADLINE_MS = 60_000;

export class Gradus {
  address = "";
  /** Passwords of the first accounts by name, as printed on the first start. */
  readonly passwords = new Map<string, string>();
  readonly data = mkdtempSync(join(tmpdir(), "gradus-e2e-"));
  /** Marks this instance's containers. */
  readonly agent = basename(this.data);
  #process: ChildProcess | undefined;
  #log = "";

  /** `options`: more of `gradus up`'s own. */
  constructor(private readonly options: string[] = []) {}

  /** Starts it on the port it had before, if any, and waits until it says where it is. */
  async start(): Promise<void> {
    const listen = this.address ? new URL(this.address).host : "127.0.0.1:0";
    const fixed = ["up", "--data", this.data, "--listen", listen, "--agent-name", this.agent];
    const child = spawn(BINARY, [...fixed, ...this.options], {
      cwd: ROOT,
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#process = child;
    child.stderr.on("data", (chunk) => {
      this.#log += chunk;
    });
    const lines = createInterface({ input: child.stdout });
    await new Promise<void>((ready, failed) => {
      const give_up = setTimeout(
        () => failed(new Error(`no start in time:\n${this.#log}`)),
        START_DEADLINE_MS,
      );
      child.once("exit", (code) => failed(new Error(`gradus up ended with ${code}:\n${this.#log}`)));
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

  /** As a power cut would: nothing gets to say goodbye. */
  async kill(): Promise<void> {
    await this.#end("SIGKILL");
  }

  /** As an operator would. */
  async stop(): Promise<void> {
    await this.#end("SIGTERM");
  }

  /** Stops and forgets everything. */
  async dispose(): Promise<void> {
    await this.stop();
    rmSync(this.data, { recursive: true, force: true });
  }

  /** Names of this instance's containers, running or not. */
  containers(): string[] {
    return this.#list("--all");
  }

  /** Names of those that run. */
  running(): string[] {
    return this.#list();
  }

  #list(...which: string[]): string[] {
    const filter = `label=org.gradus.agent=${this.agent}`;
    const command = ["ps", ...which, "--filter", filter, "--format", "{{.Names}}"];
    return execFileSync("docker", command, { encoding: "utf8" }).split("\n").filter(Boolean);
  }

  get log(): string {
    return this.#log;
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#process;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((done) => child.once("exit", done));
    child.kill(signal);
    await gone;
  }
}
