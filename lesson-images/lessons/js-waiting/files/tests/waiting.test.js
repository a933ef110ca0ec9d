// Each helper with tasks that note what happens to them.

import assert from 'node:assert/strict';
import test from 'node:test';
import { mapLimit, retry, withTimeout } from '../waiting.js';

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** A task that fails `failures` times before it succeeds. */
function flaky(failures) {
  const task = async () => {
    task.calls += 1;
    if (task.calls <= failures) throw new Error(`failure ${task.calls}`);
    return 'done';
  };
  task.calls = 0;
  return task;
}

/** What a promise rejects with. */
const errorOf = (promise) => promise.then((value) => `fulfilled with ${value}`, (error) => error.message);

test('withTimeout gives the value of a promise that is in time', async () => {
  assert.equal(await withTimeout(sleep(5).then(() => 'here'), 1000), 'here');
});

test('withTimeout rejects when it takes too long', async () => {
  assert.equal(await errorOf(withTimeout(sleep(300), 20)), 'timed out after 20 ms');
});

test('retry gives the value of the first attempt that succeeds', async () => {
  const task = flaky(2);
  assert.equal(await retry(task, 5), 'done');
  assert.equal(task.calls, 3);
});

test('retry gives up with the last error', async () => {
  const task = flaky(10);
  assert.equal(await errorOf(retry(task, 3)), 'failure 3');
  assert.equal(task.calls, 3);
});

test('mapLimit gives the results in the order of the items', async () => {
  const doubled = await mapLimit([30, 10, 20], 3, (ms) => sleep(ms).then(() => ms * 2));
  assert.deepEqual(doubled, [60, 20, 40]);
});

test('mapLimit has at most so many calls under way', async () => {
  let underWay = 0;
  let most = 0;
  await mapLimit([1, 2, 3, 4, 5, 6], 2, async () => {
    underWay += 1;
    most = Math.max(most, underWay);
    await sleep(5);
    underWay -= 1;
  });
  assert.equal(most, 2);
});
