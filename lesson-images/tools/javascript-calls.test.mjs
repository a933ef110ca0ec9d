// Function calls as tests make them, with the real worker: what works as if the module were here, and what is said when not.

import assert from 'node:assert/strict';
import test from 'node:test';
import { inspect } from 'node:util';
import { withProgram } from './javascript_calls.mjs';

const SHOP = `
  export const VAT = 20;
  export const given = (...values) => values;
  export const sorts = (values) => values.sort();
  export function fails(text) { throw new RangeError('not a price: ' + text); }
  export function throwsText() { throw 'no'; }
  export const leaves = (code) => process.exit(code);
  export const prints = (text) => { console.log(text); console.error('beware'); return 1; };
  export const later = async (value) => { await null; return value; };
  export const laterNot = async () => { throw new TypeError('never'); };
  export function* evens() { for (let number = 0; ; number += 2) yield number; }
  export const adder = (more) => (number) => number + more;
  export class Dear extends RangeError { constructor(cents) { super('too dear'); this.name = 'Dear'; this.cents = cents; } }
  export class TooDear extends Dear {}
  export const buy = (cents) => { throw new TooDear(cents); };
  export class Receipt {
    #names = [];
    count = 0;
    add(name) { this.#names.push(name); this.count += 1; return this; }
    names() { return this.#names; }
    get first() { return this.#names[0]; }
    toString() { return this.#names.join(', '); }
    *[Symbol.iterator]() { yield* this.#names; }
    static of(name) { return new this().add(name); }
  }
  export const total = (receipt) => receipt.count * VAT;
  export default (text) => text.toUpperCase();
`;
const shop = (act) => withProgram({ 'shop.js': SHOP }, (load, program) => act((...names) => load('shop.js', ...names), program));

test('data goes and comes as it is', () =>
  shop((load) => {
    const [VAT, given, shout] = load('VAT', 'given', 'default');
    assert.equal(VAT, 20);
    assert.equal(shout('tea'), 'TEA');
    const sent = [1, -0, NaN, 5n, 'tea', null, undefined, [1, , 2], { a: { b: [] } }, new Map([[{}, 1]]), new Set(['x']), new Date(0)];
    assert.deepEqual(given(...sent), sent);
    assert.deepEqual(Object.keys(given(sent)[0]), Object.keys(sent));
  }));

test('what is not there cannot be loaded', () =>
  shop((load) => {
    assert.throws(() => load('VAT', 'absent'), { name: 'SyntaxError', message: "shop.js does not provide an export named 'absent'" });
  }));

test('an error is the built-in one with the learner’s steps', () =>
  shop((load) => {
    const [fails, throwsText] = load('fails', 'throwsText');
    assert.throws(() => fails('free'), RangeError);
    assert.throws(() => fails('free'), { name: 'RangeError', message: 'not a price: free', stack: /at fails \(.*shop\.js:5:/ });
    assert.throws(throwsText, (thrown) => thrown === 'no');
  }));

test('an error of a class of the learner’s is of a class here too', () =>
  shop((load, program) => {
    const [Dear, TooDear, buy] = load('Dear', 'TooDear', 'buy');
    const check = () => {
      assert.throws(() => buy(150), TooDear);
      assert.throws(() => buy(150), Dear);
      assert.throws(() => buy(150), RangeError);
      assert.throws(() => buy(150), { name: 'Dear', message: 'too dear', cents: 150 });
    };
    check();
    program.end();
    check();
  }));

test('promises are kept and broken', () =>
  shop(async (load) => {
    const [later, laterNot] = load('later', 'laterNot');
    const promise = later({ a: 1 });
    assert.ok(promise instanceof Promise);
    assert.deepEqual(await promise, { a: 1 });
    await assert.rejects(laterNot(), { name: 'TypeError', message: 'never' });
  }));

test('an object is used as if it were here', () =>
  shop((load) => {
    const [Receipt, total] = load('Receipt', 'total');
    const receipt = new Receipt();
    assert.equal(receipt.add('tea').add('milk'), receipt);
    assert.deepEqual([receipt.names(), receipt.first, receipt.count, total(receipt)], [['tea', 'milk'], 'tea', 2, 40]);
    assert.deepEqual([[...receipt], `${receipt}`, Receipt.of('jam').first], [['tea', 'milk'], 'tea, milk', 'jam']);
    receipt.count = 5;
    assert.equal(total(receipt), 100);
    assert.ok(receipt instanceof Receipt && !({} instanceof Receipt) && !(total instanceof Receipt));
    assert.equal(inspect([receipt, total]), '[ [Receipt of your program], [function total of your program] ]');
  }));

test('an object is equal to itself alone', async () => {
  const loosely = (await import('node:assert')).default;
  return shop((load) => {
    const [Receipt] = load('Receipt');
    const [one, other] = [new Receipt(), new Receipt()];
    assert.deepEqual(one, one);
    for (const value of [other, {}, [], 0, '', Receipt, { count: 0 }, Object.create(null)]) {
      assert.notDeepEqual(one, value);
      loosely.notDeepEqual(one, value);
      if (value === 0 || value === '') assert.throws(() => one == value && loosely.fail(), TypeError);
    }
  });
});

test('generators and functions stay there and can be used', () =>
  shop((load) => {
    const [evens, adder] = load('evens', 'adder');
    const [first, second, third] = evens();
    assert.deepEqual([first, second, third], [0, 2, 4]);
    assert.equal(adder(5)(6), 11);
    assert.throws(() => [...evens()], { message: /gave 10000 elements, and there are more/ });
  }));

test('the test’s own values are never changed, and frozen ones not over there', () =>
  shop((load) => {
    const [sorts] = load('sorts');
    const mine = [2, 1];
    assert.deepEqual(sorts(mine), [1, 2]);
    assert.deepEqual(mine, [2, 1]);
    assert.throws(() => sorts(Object.freeze([2, 1])), TypeError);
  }));

test('what cannot be given is said', () =>
  shop((load) => {
    const [given] = load('given');
    for (const value of [() => 1, [class {}], { a: /x/ }, new (class Basket {})()]) {
      assert.throws(() => given(value), { name: 'ProgramError', message: /^a test cannot give a (function|RegExp|Basket) to/ });
    }
    assert.deepEqual(given(1), [1]);
  }));

test('a program that ends is started anew for the next call, without its objects', () =>
  shop((load) => {
    const [leaves, total, Receipt] = load('leaves', 'total', 'Receipt');
    const receipt = new Receipt();
    assert.throws(() => leaves(3), { name: 'ProgramError', message: 'your program ended while leaves was called: exit code 3' });
    assert.throws(() => total(receipt), { message: 'this Receipt is gone: your program ended since it was made' });
    assert.equal(total(new Receipt()), 0);
  }));

test('what goes wrong when the file is loaded is told', async () => {
  const rows = [
    ["import './nothing.js'", { message: /Cannot find module/ }],
    ['function (', { name: 'SyntaxError' }],
    ['null.x', { name: 'TypeError' }],
    ['process.exit(0)', { message: 'your program ended while shop.js was loaded: exit code 0' }],
    ['process.kill(process.pid, 9)', { message: 'your program ended while shop.js was loaded: killed (SIGKILL)' }],
  ];
  for (const [source, words] of rows) {
    await withProgram({ 'shop.js': source }, (load) => assert.throws(() => load('shop.js', 'total'), words, source));
  }
});
