// What the learner's machine uses, in the numbers that the status line shows. Pure.
import type { Usage } from "../protocol/generated";

const MIB = 1024 * 1024;
/** From here on memory is nearly full; below the second number it is well again. In between it stays what it was. */
const NEARLY_FULL = 0.85;
const WELL_AGAIN = 0.75;

export interface UsageView {
  memoryMb: number;
  memoryLimitMb: number;
  cpuPercent: number | null;
  nearlyFull: boolean;
}

export function usageView(usage: Usage, before: UsageView | null): UsageView {
  const share = usage.memory_bytes / Math.max(1, usage.memory_limit_bytes);
  return {
    memoryMb: Math.round(usage.memory_bytes / MIB),
    memoryLimitMb: Math.round(usage.memory_limit_bytes / MIB),
    cpuPercent: usage.cpu_percent,
    nearlyFull: share >= (before?.nearlyFull ? WELL_AGAIN : NEARLY_FULL),
  };
}
