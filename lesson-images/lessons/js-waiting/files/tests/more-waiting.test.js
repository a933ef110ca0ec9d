// The corners.

import assert from 'node:assert/strict';
import test from 'node:test';
import { mapLimit, retry, withTimeout } from '../waiting.js';

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const errorOf = (promise) => promise.then((value) => `fulfilled with ${value}`, (error) => error.message);
const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;

test('withTimeout passes a rejection on', async () => {
  assert.equal(await errorOf(withTimeout(Promise.reject(new Error('broken')), 1000)), 'broken');
});

test('withTimeout leaves no timer behind when the promise is in time', async () => {
  const before = timers();
  await withTimeout(Promise.resolve(1), 5000);
  await errorOf(withTimeout(Promise.reject(new Error('broken')), 5000));
  assert.equal(timers() - before, 0);
});

test('retry does not run a task again that has succeeded', async () => {
  let calls = 0;
  await retry(async () => (calls += 1), 5);
  assert.equal(calls, 1);
});

test('retry with one attempt tries once', async () => {
  let calls = 0;
  const task = async () => {
    calls += 1;
    throw new Error('no');
  };
  assert.equal(await errorOf(retry(task, 1)), 'no');
  assert.equal(calls, 1);
});

test('retry waits for one attempt before it starts the next', async () => {
  let underWay = 0;
  const task = async () => {
    underWay += 1;
    const alone = underWay === 1;
    await sleep(5);
    underWay -= 1;
    if (!alone) throw new Error('not alone');
    throw new Error('failed');
  };
  assert.equal(await errorOf(retry(task, 3)), 'failed');
});

test('mapLimit of no items gives no results', async () => {
  assert.deepEqual(await mapLimit([], 3, sleep), []);
});

test('mapLimit with more room than items starts them all', async () => {
  assert.deepEqual(await mapLimit(['a', 'b'], 10, async (letter) => letter.toUpperCase()), ['A', 'B']);
});

test('mapLimit rejects as the work does', async () => {
  const work = async (n) => {
    if (n === 2) throw new Error('two is broken');
    return n;
  };
  assert.equal(await errorOf(mapLimit([1, 2, 3], 1, work)), 'two is broken');
});

test('mapLimit starts the next item as soon as there is room', async () => {
  const startedItems = [];
  let finishFirst;
  const first = new Promise((resolve) => (finishFirst = resolve));
  const done = mapLimit(['slow', 'a', 'b', 'c'], 2, async (item) => {
    startedItems.push(item);
    if (item === 'slow') await first;
    if (item === 'c') finishFirst();
  });
  await withTimeout(done, 1000);
  assert.deepEqual(startedItems, ['slow', 'a', 'b', 'c']);
});
