// The learner's end of function calls: imports their modules and does what a test asks, one request and one answer at a
// time. It shares a process with the learner's code and so holds nothing worth taking: no expected value, no secret, no
// channel that is trusted. All a program can do here is to give an answer, right or wrong, or none; the other end
// (call-program.mjs) believes nothing else.
//
// A request is [id, action, …], an answer [id, "value", value], [id, "kept", value] of a promise, [id, "raised", class, name,
// message, properties, stack] or [id, "refused", why]; between them ["out", text] tells what is printed. All are lines.

import { readSync, writeSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { DataError, decode, encode, MAX_MESSAGE, parse } from './call-data.mjs';

const REQUESTS = 3;
const ANSWERS = 4;
// Characters of an error's message, lines of its stack and their length: they are to be read by people.
const MAX_TEXT = 4_000;
const MAX_STACK_LINES = 10;
const MAX_LINE = 300;
// Objects that a test may have in its hands at once.
const MAX_HANDLES = 100_000;

const ERRORS = [Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError];
const HERE = `${process.cwd()}/`;

const objects = [];
const numbers = new Map();

function say(message) {
  write(JSON.stringify(message));
}

function write(line) {
  let left = Buffer.from(`${line}\n`);
  while (left.length > 0) left = left.subarray(writeSync(ANSWERS, left));
}

/** What the program prints keeps its place among the answers. */
for (const stream of [process.stdout, process.stderr]) {
  stream.write = (chunk, encoding, done) => {
    say(['out', typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString()]);
    const called = typeof encoding === 'function' ? encoding : done;
    if (called) process.nextTick(called);
    return true;
  };
}

function* requests() {
  const chunk = Buffer.alloc(65_536);
  let text = '';
  const decoder = new TextDecoder();
  for (let count = readSync(REQUESTS, chunk); count > 0; count = readSync(REQUESTS, chunk)) {
    text += decoder.decode(chunk.subarray(0, count), { stream: true });
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n')) {
      const line = text.slice(0, end);
      text = text.slice(end + 1);
      yield line;
    }
  }
}

const object = (number) => objects[number];

const actions = {
  async load(path, names) {
    const module = await import(pathToFileURL(resolve(path)).href);
    const missing = names.find((name) => !(name in module));
    if (missing !== undefined) throw new SyntaxError(`${path} does not provide an export named '${missing}'`);
    return names.map((name) => module[name]);
  },
  call: (called, self, given) => Reflect.apply(called, self, given),
  construct: (made, given) => Reflect.construct(made, given),
  read: (owner, key) => owner[key],
  write: (owner, key, value) => Reflect.set(owner, key, value, owner),
  has: (owner, key) => key in owner,
  instance: (value, kind) => value instanceof kind,
  text: (value) => String(value),
  iterate: (value) => value[Symbol.iterator](),
  next: (iterator) => {
    const { done = false, value } = iterator.next();
    return [Boolean(done), value];
  },
};

async function answer([id, action, ...parts]) {
  let what = 'value';
  try {
    let value = actions[action](...parts.map((part) => decode(part, object)));
    if (action === 'load') value = await value;
    else if (value instanceof Promise) {
      what = 'kept';
      value = await value;
    }
    return [id, what, encode(value, handle)];
  } catch (error) {
    if (error instanceof DataError) return [id, 'refused', error.message];
    return [id, what === 'kept' ? 'broken' : 'raised', ...raised(error)];
  }
}

function handle(value) {
  if (typeof value === 'symbol') throw new DataError('a symbol does not travel');
  if (typeof value === 'function' && value.prototype instanceof Error) return ['h', 'error', classOf(value.prototype)];
  if (ERRORS.includes(value)) return ['h', 'error', value.name];
  if (!numbers.has(value)) {
    if (objects.length === MAX_HANDLES) throw new DataError(`more than ${MAX_HANDLES} objects are in use`);
    numbers.set(value, objects.length);
    objects.push(value);
  }
  const name = typeof value === 'function' ? value.name : value.constructor?.name;
  return ['h', typeof value, numbers.get(value), String(name).slice(0, MAX_LINE)];
}

function raised(error) {
  if (!(error instanceof Error)) return [null, '', '', encode(error, handle), []];
  const stack = String(error.stack).split('\n').map((line) => line.trim());
  return [
    classOf(Object.getPrototypeOf(error)),
    String(error.name).slice(0, MAX_LINE),
    String(error.message).slice(0, MAX_TEXT),
    properties(error),
    stack.filter((line) => line.includes(HERE)).slice(0, MAX_STACK_LINES).map((line) => line.slice(0, MAX_LINE)),
  ];
}

/** A built-in class is its name; another is its name and the class above it. */
function classOf(prototype) {
  const builtIn = ERRORS.find((kind) => kind.prototype === prototype);
  if (builtIn !== undefined) return builtIn.name;
  return [String(prototype.constructor?.name).slice(0, MAX_LINE), classOf(Object.getPrototypeOf(prototype))];
}

/** What the learner put on an error, as far as it is data. */
function properties(error) {
  try {
    return encode({ ...error });
  } catch {
    return ['o'];
  }
}

for (const line of requests()) {
  const request = parse(line);
  const answered = JSON.stringify(await answer(request));
  if (answered.length < MAX_MESSAGE) write(answered);
  else say([request[0], 'refused', `the answer is more than ${MAX_MESSAGE} characters`]);
}
// Whoever asked is gone. Timers of the learner's could keep us for ever.
process.exit();
