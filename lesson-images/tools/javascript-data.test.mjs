// Values survive the way to a program and back; whatever else comes is refused.

import assert from 'node:assert/strict';
import test from 'node:test';
import { inspect } from 'node:util';
import { DataError, decode, encode, MAX_DEPTH, MAX_MESSAGE, parse } from '../images/javascript/lib/call-data.mjs';

const LEAVES = [
  ...[null, undefined, true, false, 0, -0, 1, -1, 0.1, 5e-324, Number.MAX_VALUE, NaN, Infinity, -Infinity],
  ...[0n, -(7n ** 90n), '', 'tea', '\n\t"\\\0', 'ä€😀', '\ud800', '\u2028', '__proto__', 'constructor', '7'],
];
const ROUNDS = 5_000;

/** Numbers from 0 to `below`, the same ones each time. */
function dice(state = 4) {
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

function someValue(roll, depth = 4) {
  if (depth === 0 || roll(10) < 4) return roll(9) === 0 ? new Date(roll(2) ? NaN : roll(1e9)) : LEAVES[roll(LEAVES.length)];
  const inner = Array.from({ length: roll(4) }, () => someValue(roll, depth - 1));
  const pairs = inner.map((value) => [LEAVES[roll(LEAVES.length)], value]);
  const texts = pairs.map(([key, value]) => [String(key), value]);
  if (roll(8) === 0) inner.length += 2;
  const made = [
    () => inner,
    () => Object.fromEntries(texts),
    () => Object.defineProperties(Object.create(null), Object.getOwnPropertyDescriptors(Object.fromEntries(texts))),
    () => new Map(pairs),
    () => new Set(inner),
  ][roll(5)]();
  return roll(5) === 0 && !(made instanceof Map || made instanceof Set) ? Object.freeze(made) : made;
}

/** Alike in all that travels, and in all that shows; what Node compares leaves out frozenness and the order of keys. */
function same(one, other) {
  const picture = (value) => inspect(value, { depth: Infinity, maxArrayLength: null });
  return picture(one) === picture(other) && JSON.stringify(encode(one)) === JSON.stringify(encode(other));
}

test('what is sent arrives as it was', () => {
  const roll = dice();
  for (const value of [...LEAVES, ...Array.from({ length: ROUNDS }, () => someValue(roll))]) {
    const back = decode(parse(JSON.stringify(encode(value))));
    assert.ok(same(back, value), `${inspect(value)} became ${inspect(back)}`);
  }
});

test('what is frozen stays frozen, and only that', () => {
  const back = decode(encode(Object.freeze([Object.freeze({ a: [1] })])));
  assert.deepEqual([back, back[0], back[0].a].map(Object.isFrozen), [true, true, false]);
});

test('names of built-in properties are names like any other', () => {
  const back = decode(parse('["o","__proto__",["o","evil",true],"constructor",1,"toString",2]'));
  assert.equal(Object.getPrototypeOf(back), Object.prototype);
  assert.deepEqual(Object.keys(back), ['__proto__', 'constructor', 'toString']);
  assert.equal({}.evil, undefined);
});

test('what is no plain data is named', () => {
  class Receipt {}
  const getter = Object.defineProperty({}, 'total', { get: () => 5, enumerable: true });
  const hidden = Object.defineProperty({}, 'total', { value: 5 });
  const rows = [new Receipt(), () => 1, Symbol('x'), /x/, new Error('x'), new Uint8Array(1), getter, hidden, { [Symbol('x')]: 1 }];
  rows.push('abc'.match(/b/), Object.assign([1], { total: 5 }), class extends Map {}, Object.assign(new Map(), { total: 3 }));
  rows.push(new (class extends Array {})(), Object.create({}), new Number(5), new Proxy(new Receipt(), {}), Promise.resolve(1));
  for (const value of rows) {
    for (const held of [value, [value], { key: value }, new Map([[1, value]])]) assert.throws(() => encode(held), DataError);
  }
  assert.throws(() => encode(new Receipt()), { message: 'a Receipt is no plain data' });
});

test('what is too deep or too long is refused on both ends', () => {
  let deep = [];
  for (let level = 1; level < MAX_DEPTH; level += 1) deep = [deep];
  assert.deepEqual(decode(encode(deep)), deep);
  const cyclic = [];
  cyclic.push(cyclic);
  for (const value of [[[deep]], cyclic, new Array(MAX_MESSAGE * 2)]) assert.throws(() => encode(value), DataError);
  for (const text of [`${'["a",'.repeat(100)}1${']'.repeat(100)}`, '['.repeat(400_000), `"${'x'.repeat(MAX_MESSAGE)}"`]) {
    assert.throws(() => decode(parse(text)), DataError);
  }
});

test('a text is one of ours or an error', () => {
  const rows = `{} {"a":1} [{}] [] [1] [[]] [null] ["x"] ["a",["_",1]] ["_"] ["a",["__"]] -0 1e999 01 'a' nan undefined
    ["u",1] ["n"] ["n","0"] ["n",0] ["n","NaN",1] ["i"] ["i",1] ["i","01"] ["i","-0"] ["i","1n"] ["i","0x1"] ["i",""] ["i","+1"]
    ["d"] ["d",1.5] ["d","1"] ["d",9e15] ["d",null,1] ["o","a"] ["o",1,1] ["o","a",1,"a",2] ["o",["a"],1] ["z",null,1] ["m",1]
    ["m",1,1,1,2] ["m",["n","NaN"],1,["n","NaN"],2] ["s",1,1] ["F"] ["F",1] ["F",["s"]] ["F",["F",["a"]]] ["F",["a"],1] ["F",["u"]]
    ["h"] ["h","object",1,"x"] ["A"] ["ao",1] ["un"] ["",1] ["aoz"]`.split(/\s+/);
  for (const text of [...rows, '', ' ', '[', '"\n"', '1 2', '\0']) {
    assert.throws(() => decode(parse(text)), DataError, text);
  }
});

test('a text changed anywhere is another value or an error', () => {
  const roll = dice();
  const alphabet = '[]",:{}0123456789-+.eE\\u _aozmsdFniuh\0';
  for (let round = 0; round < ROUNDS * 2; round += 1) {
    const text = [...JSON.stringify(encode(someValue(roll)))];
    for (let change = 0; change <= roll(3); change += 1) {
      text.splice(roll(text.length + 1), roll(2), ...(roll(3) ? [alphabet[roll(alphabet.length)]] : []));
    }
    let value;
    try {
      value = decode(parse(text.join('')));
    } catch (why) {
      assert.ok(why instanceof DataError, inspect(why));
      continue;
    }
    assert.ok(same(decode(encode(value)), value), text.join(''));
  }
});
