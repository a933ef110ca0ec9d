// The same functions with other orders.

import assert from 'node:assert/strict';
import test from 'node:test';
import { bestCustomers, openOrders, orderTotal, totalsByCustomer } from '../orders.js';

const order = (customer, price, status = 'paid') => ({
  id: price,
  customer,
  status,
  lines: [{ article: 'thing', price, count: 1 }],
});

/** Throws when anything in it is changed. */
function frozen(value) {
  if (typeof value === 'object') Object.values(value).forEach(frozen);
  return Object.freeze(value);
}

test('no orders, no answers', () => {
  assert.deepEqual(openOrders([]), []);
  assert.deepEqual({ ...totalsByCustomer([]) }, {});
  assert.deepEqual(bestCustomers([], 3), []);
});

test('an order without lines costs nothing', () => {
  assert.equal(orderTotal({ id: 1, customer: 'Ida', status: 'open', lines: [] }), 0);
});

test('totals are compared as numbers', () => {
  const orders = [order('Ann', 900), order('Ben', 1000), order('Cy', 85)];
  assert.deepEqual(
    bestCustomers(orders, 3).map(({ total }) => total),
    [1000, 900, 85],
  );
});

test('a limit beyond the customers gives them all', () => {
  assert.equal(bestCustomers([order('Ann', 1), order('Ben', 2)], 10).length, 2);
});

test('a customer may be called constructor', () => {
  const totals = totalsByCustomer([order('constructor', 5), order('constructor', 6)]);
  assert.deepEqual({ ...totals }, { constructor: 11 });
});

test('a customer with nothing but cancelled orders is nobody', () => {
  const orders = [order('Ann', 700, 'cancelled'), order('Ben', 1)];
  assert.deepEqual(bestCustomers(orders, 2), [{ customer: 'Ben', total: 1 }]);
});

test('nothing that is given is changed', () => {
  const orders = frozen([order('Ben', 1), order('Ann', 3), order('Cy', 2, 'open')]);
  assert.deepEqual(openOrders(orders), [2]);
  assert.equal(bestCustomers(orders, 1)[0].customer, 'Ann');
});
