"""Medians, percentiles, and how sure a ratio of medians is. Numbers in, numbers out."""

import random
import statistics
from dataclasses import dataclass

# Of the bootstrap: enough that its own noise is below the last digit shown.
RESAMPLES = 1_000
# What is shown as an interval: nine runs of ten would fall into it.
CONFIDENCE = 0.9


@dataclass(frozen=True)
class Summary:
    count: int
    median: float
    p90: float
    p99: float


def percentile(values, share):
    """Between the two nearest ranks, as most tools have it."""
    ranked = sorted(values)
    if not ranked:
        raise ValueError("no samples")
    at = share * (len(ranked) - 1)
    below = int(at)
    above = min(below + 1, len(ranked) - 1)
    return ranked[below] + (ranked[above] - ranked[below]) * (at - below)


def summarise(values):
    return Summary(len(values), statistics.median(values), percentile(values, 0.9), percentile(values, 0.99))


def ratio(ours, theirs):
    """Of the medians."""
    return statistics.median(ours) / statistics.median(theirs)


def ratio_interval(ours, theirs, seed=0):
    """Where that ratio would lie in nine of ten runs like this one (bootstrap; the same seed, the same answer)."""
    chance = random.Random(seed)

    def again(values):
        return statistics.median(chance.choices(values, k=len(values)))

    ratios = [again(ours) / again(theirs) for _ in range(RESAMPLES)]
    rest = (1 - CONFIDENCE) / 2
    return percentile(ratios, rest), percentile(ratios, 1 - rest)
