"""Goals, their bars, and whether samples meet them. Knows numbers and words; not how anything is measured."""

from dataclasses import dataclass
from typing import Callable

from .samples import Missing
from .stats import ratio, ratio_interval, summarise


@dataclass(frozen=True)
class Outcome:
    """One row of the table."""

    goal: str
    bar: str
    measured: str
    spread: str
    ratio: str
    # None: not measured, or measured without a bar.
    met: bool | None
    remark: str = ""


@dataclass(frozen=True)
class Claim:
    goal: str
    bar: str
    judge: Callable

    def outcome(self, samples):
        try:
            if samples is None or "broken" in samples.notes:
                raise Missing(samples.notes["broken"] if samples else "not measured in this run")
            measured, spread, compared, met, *remark = self.judge(samples)
        except (Missing, KeyError) as why:
            return Outcome(self.goal, self.bar, "–", "–", "–", None, str(why))
        return Outcome(self.goal, self.bar, measured, spread, compared, met, *remark)


def number(value):
    """Three digits, and no exponent."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def spread(summary):
    return f"{number(summary.p90)} / {number(summary.p99)}"


def beside(ours, theirs):
    low, high = ratio_interval(ours, theirs)
    return f"{ratio(ours, theirs):.2f} ({low:.2f}–{high:.2f})"


def ratio_at_most(ours, theirs, most, unit="ms"):
    """The median of route `ours` is at most `most` times that of route `theirs`."""

    def judge(samples):
        mine, peer = samples.of(ours), samples.of(theirs)
        summary, other = summarise(mine), summarise(peer)
        measured = f"{number(summary.median)} {unit} beside {number(other.median)} {unit}"
        return measured, spread(summary), beside(mine, peer), ratio(mine, peer) <= most

    return judge


def ratio_at_least(ours, theirs, least, unit="ms"):
    def judge(samples):
        measured, tail, compared, _ = ratio_at_most(ours, theirs, 0, unit)(samples)
        return measured, tail, compared, ratio(samples.of(ours), samples.of(theirs)) >= least

    return judge


def times_faster(ours, theirs, least, unit="ms"):
    """The median of `theirs` is at least `least` times ours."""

    def judge(samples):
        mine, peer = samples.of(ours), samples.of(theirs)
        summary, other = summarise(mine), summarise(peer)
        measured = f"{number(summary.median)} {unit} beside {number(other.median)} {unit}"
        low, high = ratio_interval(peer, mine)
        factor = ratio(peer, mine)
        return measured, spread(summary), f"{factor:.1f}× faster ({low:.1f}–{high:.1f})", factor >= least

    return judge


def added_at_most(ours, theirs, most, unit="ms"):
    def judge(samples):
        mine, peer = samples.of(ours), samples.of(theirs)
        summary, other = summarise(mine), summarise(peer)
        added = summary.median - other.median
        measured = f"{number(summary.median)} {unit} beside {number(other.median)} {unit}"
        return measured, spread(summary), f"{added:+.1f} {unit}", added <= most

    return judge


def at_most(route, most, unit="ms", percentile=None):
    def judge(samples):
        summary = summarise(samples.of(route))
        value = getattr(summary, percentile or "median")
        return f"{number(value)} {unit}", spread(summary), "–", value <= most

    return judge


def at_least(route, least, unit):
    def judge(samples):
        summary = summarise(samples.of(route))
        return f"{number(summary.median)} {unit}", spread(summary), "–", summary.median >= least

    return judge


def told(route, unit="ms"):
    """A figure without a bar."""

    def judge(samples):
        summary = summarise(samples.of(route))
        return f"{number(summary.median)} {unit}", spread(summary), "–", None

    return judge
