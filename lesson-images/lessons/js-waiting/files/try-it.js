// A place to try things. Run it with: node try-it.js

import { mapLimit, retry, withTimeout } from './waiting.js';

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const started = Date.now();
const log = (...words) => console.log(`${String(Date.now() - started).padStart(5)} ms`, ...words);

await withTimeout(sleep(500), 100).then(
  () => log('in time'),
  (error) => log(error.message),
);

let calls = 0;
const flaky = async () => {
  calls += 1;
  log('attempt', calls);
  if (calls < 3) throw new Error('not yet');
  return 'done';
};
await retry(flaky, 5).then(log, (error) => log('gave up:', error.message));

const results = await mapLimit([30, 10, 20, 10], 2, async (ms) => {
  log('start', ms);
  await sleep(ms);
  return ms * 2;
});
log(results);
