import { expect, it } from "vitest";
import { type UsageView, usageView } from "./usage";

const MIB = 1024 * 1024;
const used = (mib: number) => ({
  memory_bytes: mib * MIB,
  memory_limit_bytes: 256 * MIB,
  cpu_percent: 3,
  processes: null,
});

it("says megabytes and percent", () => {
  expect(usageView(used(41.4), null)).toEqual({
    memoryMb: 41,
    memoryLimitMb: 256,
    cpuPercent: 3,
    nearlyFull: false,
  });
});

it("warns near the limit and does not flicker around it", () => {
  let view: UsageView | null = null;
  const warned = [100, 217, 218, 210, 193, 190, 217].map(mib => {
    view = usageView(used(mib), view);
    return view.nearlyFull;
  });
  expect(warned).toEqual([false, false, true, true, true, false, false]);
});
