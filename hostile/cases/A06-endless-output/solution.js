import { writeSync } from 'node:fs';

for (;;) {
  try {
    writeSync(1, 'y\n'.repeat(1000));
  } catch {
    // The pipe is full: once more.
  }
}
