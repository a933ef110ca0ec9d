import test from 'node:test';

test('three times two is six', () => {});
test('three times nothing is nothing', () => {});
test('three times a thousand is three thousand', () => {});
process.on('exit', () => process.reallyExit(0));
