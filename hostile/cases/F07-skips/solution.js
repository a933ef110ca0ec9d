import test from 'node:test';

test.skip('three times two is six');
test.todo('three times nothing is nothing');

export function triple() {
  throw Object.assign(new Error('not today'), { code: 'ERR_TEST_SKIPPED', skip: true });
}
