import test from 'node:test';

test('three times a thousand is three thousand', () => {});
