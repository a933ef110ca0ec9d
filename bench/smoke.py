"""`make bench-smoke`: a guard against what makes Gradus much slower, not a timed test. Few rounds; every bar is a ratio beside a peer
of the same run, three times as wide as the goal's or wider; and a bar is missed only when it is missed three times in a row."""

import sys
import time

from .__main__ import ROOT
from .claims import Claim, ratio_at_most, times_faster
from .context import Context
from .rows import FAMILIES
from .samples import first_line

TRIES = 3
BARS = {
    "verdict": [
        Claim("verdict at the agent", "≤ 3× bare process", ratio_at_most("Gradus, in-process", "bare process", 3)),
        Claim("verdict at the agent", "≥ 2× faster than docker run", times_faster("Gradus, in-process", "docker run", 2)),
        Claim("judge outside", "≤ 4× bare process", ratio_at_most("Gradus, outside", "bare process", 4)),
    ],
    "handin": [Claim("hand-in over HTTP", "≤ docker run alone", ratio_at_most("Gradus, in-process", "docker run", 1))],
    "opening": [
        Claim("session open, warm", "≤ 1/4 of docker run", ratio_at_most("Gradus, warm, agent", "docker run -it", 0.25)),
        Claim("session open, cold", "≤ 3× docker run", ratio_at_most("Gradus, cold, agent", "docker run -it", 3)),
    ],
}


def main():
    context, failed = Context(ROOT, short=True), []
    try:
        for family, claims in BARS.items():
            failed += hold(context, family, claims)
    finally:
        context.close()
    print("\n".join(failed) if failed else "Nothing has become much slower.")
    sys.exit(bool(failed))


def hold(context, family, claims):
    """What was missed at every try, in words."""
    missed = []
    for _ in range(TRIES):
        began = time.monotonic()
        try:
            samples = FAMILIES[family].measure(context)
        except Exception as why:  # noqa: BLE001 (said as what was missed)
            missed = [f"{family}: {first_line(why)}"]
            continue
        outcomes = [claim.outcome(samples) for claim in claims]
        for one in outcomes:
            print(f"{one.goal}: {one.measured} (bar {one.bar}; ratio {one.ratio}) {one.remark}".rstrip())
        print(f"  {family}: {time.monotonic() - began:.0f} s")
        missed = [f"missed {TRIES} times: {one.goal}, {one.bar}: {one.measured} {one.remark}" for one in outcomes if not one.met]
        if not missed:
            break
    return missed


if __name__ == "__main__":
    main()
