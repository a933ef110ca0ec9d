// Answers about orders. No function here changes what it is given.

/** What an order costs, in cents. */
export function orderTotal(order) {
  return order.lines.reduce((sum, line) => sum + line.price * line.count, 0);
}

/** The ids of the orders that are still open. */
export function openOrders(orders) {
  return orders.filter((order) => order.status === 'open').map((order) => order.id);
}

/** An object from each customer's name to the sum of their orders, cancelled ones left out. */
export function totalsByCustomer(orders) {
  const totals = new Map();
  for (const order of orders.filter((order) => order.status !== 'cancelled')) {
    totals.set(order.customer, (totals.get(order.customer) ?? 0) + orderTotal(order));
  }
  return Object.fromEntries(totals);
}

/** At most `limit` objects { customer, total }, the largest total first, equal totals by name. */
export function bestCustomers(orders, limit) {
  return Object.entries(totalsByCustomer(orders))
    .map(([customer, total]) => ({ customer, total }))
    .sort((a, b) => b.total - a.total || a.customer.localeCompare(b.customer))
    .slice(0, limit);
}
