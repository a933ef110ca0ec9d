// For tests of JavaScript's function calls: the real worker beside a learner's files in a folder, without containers.

import { mkdtempSync, readdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Program } from '../images/javascript/lib/call-program.mjs';
import { standIn, use } from '../images/javascript/lib/stand-in.mjs';

const WORKER = fileURLToPath(new URL('../images/javascript/lib/call-worker.mjs', import.meta.url));
// What bin/gradus-javascript-worker does, with these files.
const START = 'cd "$0"; exec 3<&0 4>&1 </dev/null 1>&2; exec "$1" "$2"';

/** Calls `act` with a program of these files, and a function that gives what a module of it exports. */
export async function withProgram(files, act) {
  const folder = mkdtempSync(join(tmpdir(), 'learner-'));
  for (const [name, text] of Object.entries({ 'package.json': '{"type":"module"}', ...files })) {
    writeFileSync(join(folder, name), text);
  }
  const program = new Program(['sh', '-c', START, folder, process.execPath, WORKER]);
  use(program);
  try {
    return await act((path, ...names) => standIn(path, names), program);
  } finally {
    program.end();
    endAllIn(folder);
    rmSync(folder, { recursive: true });
  }
}

/** What a learner's program left running ends with its container; here we look for it. */
function endAllIn(folder) {
  for (const number of readdirSync('/proc').filter((name) => /^[0-9]+$/.test(name))) {
    try {
      if (readlinkSync(`/proc/${number}/cwd`) === folder) process.kill(Number(number), 'SIGKILL');
    } catch {
      // It is gone, or nobody's to look at.
    }
  }
}
