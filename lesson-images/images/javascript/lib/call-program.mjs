// The tests' end of function calls: the learner's program as a process that is asked and answers, within one statement of
// a test. Knows nothing of modules and objects (stand-in.mjs).
//
// What the program says is bounded, has to come in time, and has to be exactly one answer to the question asked; otherwise
// the call has failed and the program is ended. The next call starts it anew.
//
// Node cannot wait for a child process within a statement. Its streams here are named pipes instead, opened so that reading
// does not block, and are looked at again and again until something has come or the time is over. (A thread that waits in
// our place costs 30 ms to start; this costs 16 µs a call.)

import { spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, constants, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DataError, MAX_MESSAGE, parse } from './call-data.mjs';

// KiB of all that it says in a run; what counts is said below, by the call.
const OUTPUT_KIB = 65_536;
const COMMAND = `/usr/local/lib/gradus/eval-call stand-in --output-kib ${OUTPUT_KIB} -- gradus-javascript-worker`.split(' ');
// The last line is ours: how the program ended. A program that says it itself has ended as far as we are concerned.
const RUN = '"$@"; printf \'["ended",%d]\\n\' "$?"';

export const limits = {
  // Milliseconds that one call may take, and the first one, for which the program has to start and its files to be loaded.
  callMs: 5_000,
  startMs: 10_000,
  // Calls that did not answer in time, after which no more are made: the rest of the tests is told at once.
  lateCalls: 3,
  // Characters that one call may print before it is cut off; those who collect it have limits of their own, lower ones.
  printed: 2_000_000,
};
// Milliseconds between two looks, at first and at most.
const FIRST_PAUSE_MS = 0.02;
const LONGEST_PAUSE_MS = 1;
const CHUNK = 65_536;
// Signals by which programs end most often, as a shell tells them.
const SIGNALS = new Map([[134, 'SIGABRT'], [137, 'SIGKILL'], [139, 'SIGSEGV'], [143, 'SIGTERM']]);

/** A call that the learner's program did not answer as a program does. */
export class ProgramError extends Error {
  name = 'ProgramError';
}

const never = new Int32Array(new SharedArrayBuffer(4));

function pause(ms) {
  Atomics.wait(never, 0, 0, ms);
}

export class Program {
  // Counts starts: what an earlier process held is gone.
  generation = 0;
  // What stands here for objects of the present process, by number.
  objects = new Map();
  #command;
  #child = null;
  #late = 0;

  constructor(command = COMMAND) {
    this.#command = command;
  }

  get runs() {
    return this.#child !== null;
  }

  /** The answer's parts after the id, as parsed JSON. `doing` says for people what is being done; `parts` are encoded. */
  ask(doing, action, ...parts) {
    if (this.#late === limits.lateCalls) {
      throw new ProgramError(`your program did not answer ${limits.lateCalls} earlier calls, so it is not called any more`);
    }
    const ms = this.runs ? limits.callMs : limits.startMs;
    if (!this.runs) this.#start();
    const id = randomBytes(8).toString('hex');
    const request = `${JSON.stringify([id, action, ...parts])}\n`;
    if (request.length > MAX_MESSAGE) throw new ProgramError(`the arguments are more than ${MAX_MESSAGE} characters`);
    try {
      const [answered, ...answer] = new Exchange(this.#child, request, performance.now() + ms).answer();
      if (answered !== id) throw new Broken('it answered what was not asked');
      return answer;
    } catch (why) {
      this.end();
      throw new ProgramError(this.#explain(why, doing, ms));
    }
  }

  #explain(why, doing, ms) {
    if (why instanceof Gone) return `your program ended while ${doing}: ${why.message}`;
    if (why instanceof Late) {
      this.#late += 1;
      return `your program did not come back within ${ms / 1000} seconds while ${doing}`;
    }
    return `your program broke the test connection while ${doing}: ${why.message}`;
  }

  #start() {
    this.#child = start(this.#command);
    this.generation += 1;
    this.objects = new Map();
  }

  end() {
    const child = this.#child;
    this.#child = null;
    if (child === null) return;
    try {
      process.kill(-child.pid, 'SIGKILL');
    } catch {
      // It has ended already.
    }
    for (const descriptor of [child.requests, child.answers, child.errors]) closeSync(descriptor);
  }
}

/** A process of its own group, and our ends of three pipes. */
function start(command) {
  const folder = mkdtempSync(join(tmpdir(), 'call-'));
  const [requests, answers, errors] = ['requests', 'answers', 'errors'].map((name) => join(folder, name));
  spawnSync('mkfifo', [requests, answers, errors]);
  const ours = {
    // For writing alone it could not be opened before somebody reads.
    requests: openSync(requests, constants.O_RDWR | constants.O_NONBLOCK),
    answers: openSync(answers, constants.O_RDONLY | constants.O_NONBLOCK),
    errors: openSync(errors, constants.O_RDONLY | constants.O_NONBLOCK),
  };
  const theirs = [openSync(requests, 'r'), openSync(answers, 'w'), openSync(errors, 'w')];
  const child = spawn('sh', ['-c', RUN, 'sh', ...command], { stdio: theirs, detached: true });
  child.unref();
  theirs.forEach(closeSync);
  rmSync(folder, { recursive: true });
  return { pid: child.pid, ...ours };
}

class Late extends Error {}
class Broken extends Error {}
class Gone extends Error {}

/** One request and the answer to it, with what is printed meanwhile. */
class Exchange {
  #child;
  #unsent;
  #until;
  #unread = '';
  #decoder = new TextDecoder();
  #printed = 0;

  constructor(child, request, until) {
    this.#child = child;
    this.#unsent = Buffer.from(request);
    this.#until = until;
  }

  /** The first line that is no printing; nothing may come with it, as nobody has asked for more. */
  answer() {
    let ms = FIRST_PAUSE_MS;
    for (;;) {
      this.#send();
      this.#passOnErrors();
      const data = look(this.#child.answers);
      if (data?.length === 0) throw new Gone('it closed its output');
      if (data !== null) {
        this.#unread += this.#decoder.decode(data, { stream: true });
        const found = this.#lines();
        if (found !== null) return found;
        ms = FIRST_PAUSE_MS;
      }
      if (performance.now() > this.#until) throw new Late();
      if (data === null) {
        pause(ms);
        ms = Math.min(ms * 2, LONGEST_PAUSE_MS);
      }
    }
  }

  #send() {
    if (this.#unsent.length === 0) return;
    try {
      this.#unsent = this.#unsent.subarray(writeSync(this.#child.requests, this.#unsent));
    } catch (why) {
      if (why.code !== 'EAGAIN') throw why;
    }
  }

  /** What is printed past Node's own streams, by other programs that it starts. */
  #passOnErrors() {
    const data = look(this.#child.errors);
    if (data !== null && data.length > 0) this.#show(data.toString());
  }

  #lines() {
    for (let end = this.#unread.indexOf('\n'); end >= 0; end = this.#unread.indexOf('\n')) {
      const line = this.#unread.slice(0, end);
      this.#unread = this.#unread.slice(end + 1);
      const found = this.#line(line);
      if (found === null) continue;
      if (this.#unread !== '') throw new Broken('it answered more than once');
      return found;
    }
    if (this.#unread.length > MAX_MESSAGE) throw new Broken('an answer that is too long');
    return null;
  }

  #line(line) {
    const found = readable(line);
    const [first, second, ...more] = found;
    if (more.length > 0) return found;
    if (first === 'ended' && Number.isInteger(second)) {
      throw new Gone(SIGNALS.has(second) ? `killed (${SIGNALS.get(second)})` : `exit code ${second}`);
    }
    if (first !== 'out' || typeof second !== 'string') throw new Broken('a line that is no answer');
    this.#show(second);
    return null;
  }

  /** Never to standard output: there, Node's test runner looks for results. */
  #show(text) {
    this.#printed += text.length;
    if (this.#printed > limits.printed) throw new Broken(`more than ${limits.printed} characters were printed`);
    process.stderr.write(text);
  }
}

function readable(line) {
  try {
    const found = parse(line);
    if (Array.isArray(found) && typeof found[0] === 'string') return found;
  } catch (why) {
    if (!(why instanceof DataError)) throw why;
  }
  throw new Broken('a line that is no answer');
}

/** What has come: nothing yet (null), or bytes; none when nobody can write any more. */
function look(descriptor) {
  const chunk = Buffer.allocUnsafe(CHUNK);
  try {
    return chunk.subarray(0, readSync(descriptor, chunk));
  } catch (why) {
    if (why.code === 'EAGAIN') return null;
    throw why;
  }
}
