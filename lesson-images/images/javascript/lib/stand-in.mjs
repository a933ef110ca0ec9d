// What a test has in its hands where the learner's module would be: functions, classes, objects and errors that live in
// another process. Data arrives as data; everything else stays there, and here stands a name for it.
//
// A stand-in for `orders.js` consists of these lines, at that very place:
//
//     import { standIn } from '/usr/local/lib/gradus/stand-in.mjs';
//     const [a, b] = standIn('orders.js', ['orderTotal', 'default']);
//     export { a as orderTotal, b as default };
//
// Nothing here ever compares by a method of the learner's: a stand-in is equal to itself alone.

import { inspect } from 'node:util';
import { DataError, decode, encode, nameOf } from './call-data.mjs';
import { Program, ProgramError } from './call-program.mjs';

// Elements that are taken from one iterator: `[...it]` of one without end is to end all the same.
const MAX_ELEMENTS = 10_000;
// Characters of a name that the program gives, and lines of a stack.
const MAX_NAME = 200;
const MAX_STACK_LINES = 10;

let program = new Program();
process.on('exit', () => program.end());

/** For tests of this file. */
export function use(another) {
  program = another;
}

/** What a module exports, by these names. */
export function standIn(path, names) {
  const load = () => ask(`${path} was loaded`, 'load', encode(path), encode(names));
  const found = load();
  if (!Array.isArray(found) || found.length !== names.length) throw new ProgramError(`your program gave something else as ${path}`);
  found.forEach((value, index) => {
    const facts = factsOf(value);
    if (facts) Object.assign(facts, { origin: () => load()[index], name: names[index] });
  });
  return found;
}

function ask(doing, action, ...parts) {
  const [what, ...rest] = program.ask(doing, action, ...parts);
  let error;
  try {
    if (what === 'value' && rest.length === 1) return decode(rest[0], handle);
    if (what === 'kept' && rest.length === 1) return Promise.resolve(settled(decode(rest[0], handle)));
    if (what === 'refused' && typeof rest[0] === 'string') error = new ProgramError(`${rest[0]} (came up while ${doing})`);
    else if ((what === 'raised' || what === 'broken') && rest.length === 5) error = raised(...rest);
    else throw new DataError('no answer');
  } catch (why) {
    if (!(why instanceof DataError)) throw why;
    program.end();
    throw new ProgramError(`your program broke the test connection while ${doing}: ${why.message}`);
  }
  if (what === 'broken') return Promise.reject(error);
  throw error;
}

/** A promise is kept with a value; it would ask an object of the program's whether it is a promise itself. */
function settled(value) {
  if (factsOf(value)) throw new ProgramError('your program keeps a promise with something that is no data');
  return value;
}

// Objects.

// What is known of each stand-in: number, generation, name, and how to find it again in a program started anew.
const known = new WeakMap();
let count = 0;
// For whoever compares by what objects have: no two are alike.
const OWN = 'object of your program';

function factsOf(value) {
  return (typeof value === 'object' && value !== null) || typeof value === 'function' ? known.get(value) : undefined;
}

/** Where a stand-in is shown, as in the message of a failed test. */
class ObjectOfYourProgram {
  constructor(name) {
    count += 1;
    this[OWN] = count;
    Object.defineProperty(this, inspect.custom, { value: () => `[${name} of your program]` });
  }
}

/** What stands for an object, from ["h", …]. The program's words for it are only ever words. */
function handle(kind, ...parts) {
  if (kind === 'error' && parts.length === 1) return errorClass(parts[0]);
  const [number, name] = parts;
  const wellFormed = parts.length === 2 && Number.isSafeInteger(number) && typeof name === 'string';
  if (!wellFormed || !['object', 'function'].includes(kind)) throw new DataError('no handle');
  if (!program.objects.has(number)) program.objects.set(number, made(kind, number, name.slice(0, MAX_NAME)));
  return program.objects.get(number);
}

function made(kind, number, name) {
  const target = kind === 'object' ? new ObjectOfYourProgram(name) : function () {};
  if (kind === 'function') target[inspect.custom] = () => `[function ${name} of your program]`;
  const proxy = new Proxy(target, traps);
  callees.set(target, proxy);
  known.set(proxy, { number, generation: program.generation, name });
  return proxy;
}

// A trap for a call is told the target, not the stand-in.
const callees = new WeakMap();

const LOCAL = ['call', 'apply', 'bind'];

const traps = {
  get(target, key, self) {
    if (key === Symbol.iterator) return () => iterator(self);
    if (key === Symbol.hasInstance) return (value) => isInstance(value, self);
    if (key === Symbol.toPrimitive) return (hint) => primitive(self, hint);
    if (typeof key === 'symbol' || key === OWN || (typeof target === 'function' && LOCAL.includes(key))) return Reflect.get(target, key);
    return ask(`${factsOf(self).name}.${key} was read`, 'read', place(self), encode(key));
  },
  set(_, key, value, self) {
    const { name } = factsOf(self);
    return exactly('boolean', ask(`${name}.${String(key)} was set`, 'write', place(self), argument(key), argument(value)));
  },
  has: (target, key) => Reflect.has(target, key),
  apply(target, self, given) {
    const { name } = known.get(callees.get(target));
    const owner = factsOf(self) ? place(self) : encode(undefined);
    return ask(`${name} was called`, 'call', place(callees.get(target)), owner, argument(given));
  },
  construct(target, given) {
    const { name } = known.get(callees.get(target));
    const found = ask(`new ${name} was called`, 'construct', place(callees.get(target)), argument(given));
    if (!factsOf(found)) throw new ProgramError(`your program gave data as a new ${name}`);
    return found;
  },
  deleteProperty: refuse,
  defineProperty: refuse,
  setPrototypeOf: refuse,
  preventExtensions: refuse,
};

function refuse() {
  throw new ProgramError('a test cannot do this to something of a program that runs elsewhere');
}

/** The handle for a request. What was exported is found again in a program that was started anew; objects are gone. */
function place(standing) {
  const facts = factsOf(standing);
  if (facts.generation !== program.generation || !program.runs) {
    if (!facts.origin) throw new ProgramError(`this ${facts.name} is gone: your program ended since it was made`);
    const again = factsOf(facts.origin());
    if (!again) throw new ProgramError(`your program gives something else as ${facts.name}, now that it was started anew`);
    Object.assign(facts, { number: again.number, generation: again.generation });
    program.objects.set(facts.number, standing);
  }
  return ['h', facts.number];
}

function argument(value) {
  return encode(value, (other) => {
    if (factsOf(other)) return place(other);
    throw new ProgramError(`a test cannot give ${nameOf(other)} to a program that runs elsewhere, only data`);
  });
}

function* iterator(standing) {
  const { name } = factsOf(standing);
  const steps = ask(`${name} was gone through`, 'iterate', place(standing));
  for (let index = 0; index < MAX_ELEMENTS; index += 1) {
    const step = ask(`${name} was asked for its next element`, 'next', place(steps));
    if (!Array.isArray(step) || step.length !== 2 || step[0] === true) return;
    yield step[1];
  }
  throw new ProgramError(`${name} gave ${MAX_ELEMENTS} elements, and there are more`);
}

function isInstance(value, kind) {
  if (!factsOf(value)) return false;
  return exactly('boolean', ask(`${factsOf(kind).name} was asked for its objects`, 'instance', place(value), place(kind)));
}

function primitive(standing, hint) {
  const { name } = factsOf(standing);
  if (hint !== 'string') throw new TypeError(`[${name} of your program] is no number and no text`);
  return exactly('string', ask(`the text of a ${name} was asked for`, 'text', place(standing)));
}

function exactly(kind, value) {
  if (typeof value !== kind) throw new ProgramError(`your program gave a ${typeof value} where a ${kind} belongs`);
  return value;
}

// Errors.

const ERRORS = new Map(
  [Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError].map((kind) => [kind.name, kind]),
);
// By name and the class above, so that a test can name the class that it imported before the program started anew.
const classes = new Map();
// What the test runner reads on errors of its own.
const NOT_THEIRS = ['name', 'message', 'stack', 'cause', 'failureType'];

function errorClass(found) {
  if (typeof found === 'string' && ERRORS.has(found)) return ERRORS.get(found);
  if (!Array.isArray(found) || found.length !== 2 || typeof found[0] !== 'string') throw new DataError('no error');
  const above = errorClass(found[1]);
  const name = found[0].slice(0, MAX_NAME);
  const key = JSON.stringify([name, found[1]]);
  if (!classes.has(key)) classes.set(key, { [name]: class extends above {} }[name]);
  return classes.get(key);
}

function raised(found, name, message, properties, stack) {
  // Anything may be thrown.
  if (found === null) return decode(properties, handle);
  if (![name, message, ...arrayOf(stack)].every((text) => typeof text === 'string')) throw new DataError('no error');
  const error = new (errorClass(found))(message);
  if (error.name !== name) Object.defineProperty(error, 'name', { value: name, configurable: true, writable: true });
  for (const [key, value] of Object.entries(decode(properties) ?? {})) {
    const ours = NOT_THEIRS.includes(key) || key in error || (key === 'code' && String(value).startsWith('ERR_'));
    if (!ours) error[key] = value;
  }
  const [title, ...lines] = error.stack.split('\n');
  error.stack = [title, ...stack.slice(0, MAX_STACK_LINES).map((line) => `    ${line}`), ...lines].join('\n');
  return error;
}

function arrayOf(value) {
  return Array.isArray(value) ? value : [undefined];
}
