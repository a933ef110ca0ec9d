// Each function in turn.

import assert from 'node:assert/strict';
import test from 'node:test';
import { bestCustomers, openOrders, orderTotal, totalsByCustomer } from '../orders.js';

const pens = { article: 'pen', price: 250, count: 2 };
const ink = { article: 'ink', price: 900, count: 1 };

const orders = [
  { id: 11, customer: 'Ida', status: 'paid', lines: [pens, ink] },
  { id: 12, customer: 'Jon', status: 'open', lines: [ink, ink] },
  { id: 13, customer: 'Ida', status: 'open', lines: [pens] },
  { id: 14, customer: 'Kai', status: 'cancelled', lines: [ink, ink, ink] },
];

test('an order of one line costs price times count', () => {
  assert.equal(orderTotal({ id: 1, customer: 'Ida', status: 'open', lines: [pens] }), 500);
});

test('an order of several lines costs their sum', () => {
  assert.equal(orderTotal(orders[0]), 1400);
});

test('open orders are given by id, in the order given', () => {
  assert.deepEqual(openOrders(orders), [12, 13]);
});

test('totals add up the orders of each customer', () => {
  const paid = orders.slice(0, 3);
  assert.deepEqual({ ...totalsByCustomer(paid) }, { Ida: 1900, Jon: 1800 });
});

test('totals leave out cancelled orders', () => {
  assert.deepEqual({ ...totalsByCustomer(orders) }, { Ida: 1900, Jon: 1800 });
});

test('the best customer comes first', () => {
  assert.deepEqual(bestCustomers(orders, 1), [{ customer: 'Ida', total: 1900 }]);
});

test('customers with equal totals come in alphabetical order', () => {
  const equal = ['Zoe', 'Ann', 'Moe'].map((customer, id) => ({ id, customer, status: 'paid', lines: [ink] }));
  assert.deepEqual(bestCustomers(equal, 2), [
    { customer: 'Ann', total: 900 },
    { customer: 'Moe', total: 900 },
  ]);
});
