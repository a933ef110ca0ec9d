import assert from 'node:assert/strict';
import test from 'node:test';
import { triple } from '../solution.js';

test('three times two is six', () => {
  assert.equal(triple(2), 6);
});

test('three times nothing is nothing', () => {
  assert.equal(triple(0), 0);
});
