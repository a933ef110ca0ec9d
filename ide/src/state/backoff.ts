// How long to wait before trying again. Pure.

const FIRST_MS = 500;
/** A person who sees "trying again in 15 s" still waits; a server that comes back is not overrun. */
const LONGEST_MS = 15_000;

/**
 * Doubles from half a second to fifteen seconds, with up to a quarter taken off at random, so that browsers cut off at
 * the same moment do not all come back at the same moment. `failures` counts from 1; `random` is in [0, 1).
 */
export function retryDelayMs(failures: number, random: number): number {
  const full = Math.min(FIRST_MS * 2 ** Math.max(0, failures - 1), LONGEST_MS);
  return Math.round(full * (1 - random / 4));
}
