import { openSync } from 'node:fs';

export function triple() {
  try {
    for (;;) openSync('/dev/null');
  } catch {
    return 0;
  }
}
