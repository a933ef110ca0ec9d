// @HIDDEN_MARKER@
import assert from 'node:assert/strict';
import test from 'node:test';
import { triple } from '../solution.js';

test('three times a thousand is three thousand', () => {
  assert.equal(triple(1000), 3000, '@HIDDEN_MARKER@');
});
