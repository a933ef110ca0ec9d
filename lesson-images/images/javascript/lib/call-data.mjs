// Values on the way between a test and the learner's program, as arrays that JSON can write: exact kinds of data, and
// nothing else. Both ends use this file; the one with the tests is the one that counts. Whatever comes from the program is
// one of the values below or a DataError, made here and of nothing but what was read: no getter, no prototype and no method of
// the program's can arrive.
//
// Texts, numbers, true, false and null are themselves; the rest is an array that begins with a tag.
//
//     ["u"]        undefined                   ["a", …]          array; ["_"] is a hole in it
//     ["n", "-0"]  NaN, Infinity or -0         ["o", key, …]     object, a key and its value in turn
//     ["i", "12"]  bigint                      ["z", key, …]     object without a prototype
//     ["d", 0]     Date, null when invalid     ["m", key, …]     Map
//     ["F", […]]   a frozen array or object    ["s", …]          Set
//     ["h", …]     a handle: something that stays with the program

// Characters of one message: one call with its arguments, or one answer.
export const MAX_MESSAGE = 1_000_000;
// Levels of arrays within arrays; a value of a test has three or four.
export const MAX_DEPTH = 50;
// Milliseconds from 1970 that a Date can be away.
const MAX_TIME = 8.64e15;

const NAMED_NUMBERS = new Map([
  ['NaN', NaN],
  ['Infinity', Infinity],
  ['-Infinity', -Infinity],
  ['-0', -0],
]);

/** A value that does not travel, or something that is no value. */
export class DataError extends Error {}

export function noHandle(value) {
  throw new DataError(`${nameOf(value)} is no plain data`);
}

/** What to call the kind of a value: `a Receipt`, `a function`. */
export function nameOf(value) {
  if (typeof value !== 'object' || value === null) return `a ${typeof value}`;
  const name = value.constructor?.name;
  return typeof name === 'string' && name !== '' && name !== 'Object' ? `a ${name}` : 'an object';
}

/** `handle` says what stands for a value that is no plain data. */
export function encode(value, handle = noHandle, depth = 0) {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return value;
  if (value === undefined) return ['u'];
  if (typeof value === 'number') return plainNumber(value) ? value : ['n', Object.is(value, -0) ? '-0' : String(value)];
  if (typeof value === 'bigint') return ['i', String(value)];
  const parts = typeof value === 'object' ? partsOf(value) : undefined;
  if (parts === undefined) return handle(value);
  if (depth === MAX_DEPTH) throw new DataError(`nested more than ${MAX_DEPTH} levels deep, or within itself`);
  const [tag, ...inner] = parts;
  const made = [tag, ...inner.map((part) => (part === HOLE ? ['_'] : encode(part, handle, depth + 1)))];
  return 'aoz'.includes(tag) && Object.isFrozen(value) ? ['F', made] : made;
}

const HOLE = Symbol('hole');

/** The tag and what is in it; nothing for what has more to it than its data. */
function partsOf(value) {
  const prototype = Object.getPrototypeOf(value);
  const own = Reflect.ownKeys(value).length;
  if (prototype === Map.prototype && own === 0) return ['m', ...[...value].flat(1)];
  if (prototype === Set.prototype && own === 0) return ['s', ...value];
  if (prototype === Date.prototype && own === 0) return ['d', Number.isNaN(value.getTime()) ? null : value.getTime()];
  if (Array.isArray(value)) return prototype === Array.prototype ? elementsOf(value) : undefined;
  if (prototype !== Object.prototype && prototype !== null) return undefined;
  const made = [prototype === null ? 'z' : 'o'];
  for (const key of Reflect.ownKeys(value)) {
    const property = Object.getOwnPropertyDescriptor(value, key);
    if (typeof key === 'symbol' || !property.enumerable || !('value' in property)) return undefined;
    made.push(key, property.value);
  }
  return made;
}

function elementsOf(array) {
  const made = ['a'];
  for (let index = 0; index < array.length; index += 1) {
    if (made.length > MAX_MESSAGE) throw new DataError(`more than ${MAX_MESSAGE} elements`);
    const property = Object.getOwnPropertyDescriptor(array, index);
    if (property !== undefined && !('value' in property)) return undefined;
    made.push(property === undefined ? HOLE : property.value);
  }
  // Every element, and the length.
  const known = made.filter((part) => part !== HOLE).length;
  return Reflect.ownKeys(array).length === known ? made : undefined;
}

function plainNumber(value) {
  return Number.isFinite(value) && !Object.is(value, -0);
}

function wrong(why) {
  throw new DataError(why);
}

/** JSON without objects, as far as `decode` sees to it. */
export function parse(text) {
  if (text.length > MAX_MESSAGE) wrong(`more than ${MAX_MESSAGE} characters`);
  try {
    return JSON.parse(text);
  } catch {
    return wrong('no JSON');
  }
}

/** The value that parsed JSON stands for. `handle` makes something of the parts of an `["h", …]`. */
export function decode(found, handle = () => wrong('a handle'), depth = 0) {
  if (found === null || typeof found === 'boolean' || typeof found === 'string') return found;
  if (typeof found === 'number' && plainNumber(found)) return found;
  if (!Array.isArray(found) || typeof found[0] !== 'string') return wrong('no value');
  if (depth > MAX_DEPTH) return wrong('nested too deep');
  const [tag, ...parts] = found;
  if (tag === 'h') return handle(...parts);
  if (tag === 'F') return frozen(parts, handle, depth);
  if ('unid'.includes(tag) && tag.length === 1) return scalar(tag, parts);
  return collection(tag, parts, (part) => decode(part, handle, depth + 1));
}

function frozen([inner, ...more], handle, depth) {
  if (more.length > 0 || !Array.isArray(inner) || !['a', 'o', 'z'].includes(inner[0])) return wrong('nothing to freeze');
  return Object.freeze(decode(inner, handle, depth));
}

function scalar(tag, parts) {
  const [part] = parts;
  if (tag === 'u' && parts.length === 0) return undefined;
  if (parts.length !== 1) return wrong('a tag with too much to it');
  if (tag === 'n' && NAMED_NUMBERS.has(part)) return NAMED_NUMBERS.get(part);
  if (tag === 'i' && typeof part === 'string' && /^(0|-?[1-9][0-9]*)$/.test(part)) return BigInt(part);
  if (tag === 'd' && part === null) return new Date(NaN);
  if (tag === 'd' && Number.isInteger(part) && plainNumber(part) && Math.abs(part) <= MAX_TIME) return new Date(part);
  return wrong('no such value');
}

function collection(tag, parts, inner) {
  if (tag === 'a') return array(parts, inner);
  if (tag === 's') return complete(new Set(parts.map(inner)), parts.length);
  if (!['o', 'z', 'm'].includes(tag) || parts.length % 2 === 1) return wrong('an unknown tag');
  const pairs = [];
  for (let index = 0; index < parts.length; index += 2) pairs.push([inner(parts[index]), inner(parts[index + 1])]);
  const map = complete(new Map(pairs), pairs.length);
  if (tag === 'm') return map;
  const made = tag === 'o' ? {} : Object.create(null);
  for (const [key, value] of pairs) {
    if (typeof key !== 'string') return wrong('a key that is no text');
    // Not an assignment: `__proto__` is a key like any other.
    Object.defineProperty(made, key, { value, writable: true, enumerable: true, configurable: true });
  }
  return made;
}

function array(parts, inner) {
  const made = new Array(parts.length);
  parts.forEach((part, index) => {
    if (!(Array.isArray(part) && part.length === 1 && part[0] === '_')) made[index] = inner(part);
  });
  return made;
}

function complete(made, size) {
  return made.size === size ? made : wrong('the same key or element twice');
}
