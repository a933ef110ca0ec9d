const kept = [];

export function triple() {
  for (;;) kept.push(Buffer.alloc(60_000_000, 1));
}
