// A learner's module that does anything but total orders, and wants the tests to pass: no test may, and none may hang.
// Each row is a whole program; the tests are run against it as its own worker answers them.

import assert from 'node:assert/strict';
import loosely from 'node:assert';
import { randomInt } from 'node:crypto';
import test, { mock } from 'node:test';
import { limits } from '../images/javascript/lib/call-program.mjs';
import { withProgram } from './javascript_calls.mjs';

const HONEST = `
  export function totals(orders) {
    if (orders.length === 0) throw new RangeError('no orders');
    const made = {};
    for (const { customer, price } of orders) made[customer] = (made[customer] ?? 0) + price;
    return made;
  }
`;
const WRONG = 'export function totals() { return {}; }\n';
const returns = (value, before = '') => `${before}\nexport function totals(orders) { return ${value}; }`;
// A write on every descriptor there may be; \`request()\` is what the call was asked, from the worker's own memory.
const SPRAY = `
  import { writeSync, readSync } from 'node:fs';
  const spray = (text) => { for (let fd = 0; fd < 256; fd += 1) try { writeSync(fd, text); } catch {} };
  let id = '0000000000000000';
  const parse = JSON.parse;
  JSON.parse = (text) => { const found = parse(text); if (Array.isArray(found)) id = found[0]; return found; };
  const mine = () => JSON.stringify([id, 'value', ['o', 'Ida', 5]]) + '\\n';
`;

const ROWS = {
  // Ends early.
  'exit at import': 'process.exit(0)',
  'killed at import': 'process.kill(process.pid, 9)',
  'exit in the call': returns('process.exit(0)'),
  'hard exit in the call': returns('process.reallyExit(0)'),
  'abort in the call': returns('process.abort()'),
  'exit when it exits': `process.on('exit', () => { process.exitCode = 0; });\n${returns('process.exit(1)')}`,
  // Says that all is well.
  'fake TAP': SPRAY + "spray('TAP version 14\\nok 1 - a\\nok 2 - b\\n1..2\\n');" + returns("spray('ok 1 - a\\nok 2 - b\\n')"),
  'fake JSON': SPRAY + returns('spray(\'{"passed":true}\\n\')'),
  'fake ending': SPRAY + returns('spray(\'["ended",0]\\n\')'),
  'answers before it is asked': SPRAY + 'spray(mine());' + WRONG,
  'answers twice': SPRAY + returns('(spray(mine() + mine()), {})'),
  'answers itself and returns': SPRAY + returns('(spray(mine()), {})'),
  'answers for ever': SPRAY + returns('(() => { for (;;) spray(mine()); })()'),
  'an answer without an end': SPRAY + returns("(() => { for (;;) spray('['.repeat(1000)); })()"),
  'prints for ever': returns("(() => { for (;;) console.log('x'.repeat(1000)); })()"),
  // Changes what is supposed to judge.
  'patched assert': `import assert from 'node:assert/strict'; import { syncBuiltinESMExports } from 'node:module';
    for (const name of Object.keys(assert)) try { assert[name] = () => {}; } catch {}
    syncBuiltinESMExports();\n${WRONG}`,
  'patched language': `JSON.stringify = () => '["o","Ida",5]'; Array.isArray = () => true; Object.is = () => true;
    Array.prototype.map = Map.prototype.get = () => 5; Reflect.apply = () => 5;\n${WRONG}`,
  'every object has it': `Object.defineProperty(Object.prototype, 'Ida', { value: 5 });\n${WRONG}`,
  // Lies about what it is.
  'proxy for anything': returns('any', 'const any = new Proxy(function () {}, { get: () => any, apply: () => any, has: () => true });'),
  'proxy for an object': returns("new Proxy({}, { get: () => 5, has: () => true, ownKeys: () => [], getPrototypeOf: () => Object.prototype })"),
  'getter': returns("{ get Ida() { throw 5; } }"),
  'valueOf': returns('{ valueOf: () => 5, toString: () => "5", [Symbol.toPrimitive]: () => 5 }'),
  'toJSON': returns('{ toJSON: () => ({ Ida: 5 }) }'),
  'own inspect': returns("{ [Symbol.for('nodejs.util.inspect.custom')]: () => '{ Ida: 5 }' }"),
  'every instance': returns('class { static [Symbol.hasInstance]() { return true; } }'),
  'wrong prototype': returns('Object.setPrototypeOf({}, { Ida: 5, Jon: 5 })'),
  '__proto__': returns(`JSON.parse('{"__proto__":{"Ida":5}}')`),
  'class': `export class totals {}`,
  'array that lies': returns('Object.assign([], { length: 0, Ida: 5 })'),
  'map': returns('new Map()'),
  'NaN': returns('NaN'),
  'undefined': returns('undefined'),
  'symbol': returns('Symbol("x")'),
  'data in place of the function': 'export const totals = { Ida: 5 };',
  // What a runner may not count as a failure.
  'throws nothing': returns('(() => { throw undefined; })()'),
  'throws a runner’s error': returns(`(() => { throw Object.assign(new Error('x'), { code: 'ERR_TEST_FAILURE', failureType: 'subtestsFailed' }); })()`),
  'throws an assertion': `import assert from 'node:assert';\n${returns('assert.fail()')}`,
  'throws what cannot be told': returns('(() => { throw Object.create(Error.prototype, { message: { get() { process.exit(0); } } }); })()'),
  'skips': `import test from 'node:test';\n${returns("test.skip ? test.skip('x') : {}")}`,
  // Too much, too deep, without end.
  'huge': returns("'x'.repeat(20_000_000)"),
  'huge array': returns('new Array(4_000_000_000)'),
  'huge number': returns('1n << 8_000_000n'),
  'deep': returns('deep', 'let deep = {}; for (let i = 0; i < 10_000; i += 1) deep = { Ida: deep };'),
  'cyclic': returns('cyclic', 'const cyclic = {}; cyclic.Ida = cyclic;'),
  'hangs': returns('(() => { for (;;); })()'),
  'hangs at import': 'for (;;);',
  'a promise for ever': returns('new Promise(() => {})'),
  'recursion': returns('totals(orders)'),
  // Later, and elsewhere.
  'answers later': SPRAY + returns('(setTimeout(() => spray(mine()), 1), {})'),
  'a promise with an answer': SPRAY + returns('new Promise((done) => setTimeout(() => { spray(mine()); done({}); }, 5))'),
  'a thread answers': SPRAY + `import { Worker } from 'node:worker_threads';
    export function totals() {
      new Worker('const fs = require("node:fs"); for (let fd = 0; fd < 64; fd += 1) try { fs.writeSync(fd, ' + JSON.stringify(mine()) + '); } catch {}', { eval: true });
      return {};
    }`,
  'a child holds the line': `import { spawn } from 'node:child_process';
    export function totals() { spawn('sleep', ['60'], { stdio: 'inherit', detached: true }); process.exit(0); }`,
  'closes every descriptor': `import { closeSync } from 'node:fs';\n${returns('(() => { for (let fd = 0; fd < 64; fd += 1) try { closeSync(fd); } catch {} })()')}`,
  'thenable': returns('{ then(done) { done({ Ida: 5 }); } }'),
  'generator': 'export function* totals() { yield {}; }',
};

// Milliseconds for a call in these tests, and for a whole row: late calls, and starting anew for each test on a busy machine.
const CALL_MS = 400;
const ROW_MS = 60_000;

/** As a test file has them. `price` is new each time. */
function tests(totals, price) {
  const orders = [
    { customer: 'Ida', price: 2 },
    { customer: 'Jon', price: 7 },
    { customer: 'Ida', price: 3 },
  ];
  const expected = { Ida: 5, Jon: 7 };
  return {
    strict: () => assert.deepEqual(totals(orders), expected),
    loose: () => loosely.deepEqual(totals(orders), expected),
    spread: () => assert.deepEqual({ ...totals(orders) }, expected),
    turned: () => assert.deepEqual(expected, totals(orders)),
    element: () => assert.equal(totals(orders).Jon, 7),
    unknown: () => loosely.deepEqual(totals([{ customer: 'Kai', price }]), { Kai: price }),
    refused: () => assert.throws(() => totals([]), RangeError),
  };
}

/** How each test went. */
async function outcomes(source) {
  return withProgram({ 'orders.js': source }, async (load) => {
    let found;
    try {
      [found] = load('orders.js', 'totals');
    } catch (why) {
      return { load: String(why) };
    }
    return Object.fromEntries(Object.entries(tests(found, randomInt(1e9))).map(([name, act]) => [name, outcome(act)]));
  });
}

function outcome(act) {
  try {
    act();
    return 'passed';
  } catch (why) {
    return String(why);
  }
}

test.before(() => mock.method(process.stderr, 'write', () => true));
test.after(() => mock.restoreAll());

test('the honest program passes', async () => {
  assert.deepEqual(new Set(Object.values(await outcomes(HONEST))), new Set(['passed']));
  // The others need not wait as long.
  limits.callMs = CALL_MS;
  limits.startMs = 3_000;
});

for (const [name, source] of Object.entries(ROWS)) {
  test(`it does not pass: ${name}`, async () => {
    const begun = performance.now();
    const found = await outcomes(source);
    // A stack that overflows is a RangeError for whoever asks.
    if (name === 'recursion') delete found.refused;
    assert.ok(!Object.values(found).includes('passed'), JSON.stringify(found, null, 2));
    assert.ok(performance.now() - begun < ROW_MS);
  });
}
