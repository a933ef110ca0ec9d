"""Waits, within bounds, until the machine does little else, and says how much else it did."""

import pathlib
import time

# Of all processors; above it a sample says more about the neighbours than about us.
CALM = 0.15
# Between two looks at the kernel's counters, which have ticks of 10 ms.
LOOK_SECONDS = 0.15
# For one sample, and for a whole run: a machine that is never quiet is measured all the same, and the load is told.
PATIENCE_SECONDS = 2.0
BUDGET_SECONDS = 90.0


def busy_ticks(stat):
    """Ticks spent busy, and in all, by the first line of /proc/stat."""
    user, nice, system, idle, iowait, *rest = (int(field) for field in stat.split("\n", 1)[0].split()[1:9])
    busy = user + nice + system + sum(rest)
    return busy, busy + idle + iowait


class Quiet:
    def __init__(self, budget=BUDGET_SECONDS):
        self.left = budget

    def wait(self):
        """The load at the end of the wait, 0 to 1."""
        began = time.monotonic()
        while True:
            load = self.load()
            waited = time.monotonic() - began
            if load < CALM or waited > min(PATIENCE_SECONDS, self.left):
                # The first look is no wait.
                self.left -= max(0.0, waited - LOOK_SECONDS)
                return load

    def load(self):
        before = busy_ticks(pathlib.Path("/proc/stat").read_text())
        time.sleep(LOOK_SECONDS)
        after = busy_ticks(pathlib.Path("/proc/stat").read_text())
        return (after[0] - before[0]) / max(1, after[1] - before[1])
