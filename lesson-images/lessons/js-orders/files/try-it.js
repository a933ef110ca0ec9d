// A place to try things. Run it with: node try-it.js

import { bestCustomers, openOrders, orderTotal, totalsByCustomer } from './orders.js';

const orders = [
  {
    id: 1,
    customer: 'Ida',
    status: 'paid',
    lines: [
      { article: 'pen', price: 250, count: 2 },
      { article: 'ink', price: 900, count: 1 },
    ],
  },
  { id: 2, customer: 'Jon', status: 'open', lines: [{ article: 'paper', price: 400, count: 5 }] },
  { id: 3, customer: 'Ida', status: 'cancelled', lines: [{ article: 'desk', price: 20000, count: 1 }] },
];

console.log('the first costs', orderTotal(orders[0]));
console.log('open:', openOrders(orders));
console.log('by customer:', totalsByCustomer(orders));
console.log('best:', bestCustomers(orders, 1));
