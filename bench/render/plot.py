"""A plot of one family: every route a line, every sample a tick, the median a bar's end, p90 and p99 marks beyond it. Or, of steps that
follow each other, a waterfall. Plain SVG that follows the reader's light or dark."""

import math
from html import escape

from ..stats import summarise

WIDTH, LABEL, RIGHT, ROW, TOP, BOTTOM = 860, 300, 96, 30, 46, 34
# Beyond this a straight scale hides the small.
LOGARITHMIC_FROM = 30
# Samples drawn per route; more would be a smear.
MOST_TICKS = 120
STYLE = """
  text { font: 13px system-ui, sans-serif; fill: #24292f }
  .title { font-weight: 600; font-size: 15px } .small { font-size: 11px; fill: #57606a }
  .ours { fill: #0969da } .peer { fill: #8c959f } .tick { stroke: #24292f; stroke-opacity: .35 } .grid { stroke: #d0d7de }
  .mark { stroke: #24292f; stroke-width: 2 }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 } .small { fill: #9198a1 } .ours { fill: #58a6ff } .peer { fill: #6e7681 }
    .tick, .mark { stroke: #e6edf3 } .grid { stroke: #3d444d }
  }
"""


class Scale:
    """Values to the right of the labels, from zero, or by powers of ten where they differ much."""

    def __init__(self, least, most):
        self.logarithmic = least > 0 and most / least > LOGARITHMIC_FROM
        self.low = math.log10(least) - 0.15 if self.logarithmic else 0.0
        self.high = math.log10(most) + 0.05 if self.logarithmic else (most or 1.0) * 1.05

    def __call__(self, value):
        at = math.log10(value) if self.logarithmic else value
        share = (at - self.low) / (self.high - self.low)
        return LABEL + max(0.0, share) * (WIDTH - LABEL - RIGHT)

    def marks(self):
        if self.logarithmic:
            return [10.0**power for power in range(math.ceil(self.low), math.floor(self.high) + 1)]
        step = 10 ** math.floor(math.log10(self.high / 2))
        step *= next(times for times in (1, 2, 5, 10) if self.high / (step * times) <= 6)
        return [number * step for number in range(int(self.high / step) + 1)]


def plot(title, unit, routes):
    """`routes`: name → samples; the quickest first."""
    known = {name: summarise(values) for name, values in routes.items() if values}
    if not known:
        return None
    order = sorted(known, key=lambda name: known[name].median)
    scale = Scale(min(min(routes[name]) for name in order), max(known[name].p99 for name in order))
    rows = [row(name, known[name], routes[name], scale, TOP + ROW * line) for line, name in enumerate(order)]
    return frame(title, unit, scale, rows)


def waterfall(title, unit, routes):
    """Steps that follow each other, each beginning where the one before it ended; by medians. The last is all of them."""
    known = [(name, summarise(values)) for name, values in routes.items() if values]
    if not known:
        return None
    scale = Scale(0, sum(summary.median for _, summary in known[:-1]) or known[-1][1].median)
    rows, at = [], 0.0
    for line, (name, summary) in enumerate(known):
        whole = line == len(known) - 1
        rows.append(step(name, 0.0 if whole else at, summary, "peer" if whole else "ours", scale, TOP + ROW * line))
        at += summary.median
    return frame(title, unit, scale, rows)


def frame(title, unit, scale, rows):
    height = TOP + ROW * len(rows) + BOTTOM
    parts = [f'<text class="title" x="12" y="24">{escape(title)} ({escape(unit)}{", logarithmic" if scale.logarithmic else ""})</text>']
    for mark in scale.marks():
        x = scale(mark)
        parts.append(f'<line class="grid" x1="{x:.1f}" x2="{x:.1f}" y1="{TOP - 8}" y2="{height - BOTTOM}"/>')
        parts.append(f'<text class="small" x="{x:.1f}" y="{height - BOTTOM + 16}" text-anchor="middle">{mark:g}</text>')
    for one in rows:
        parts += one
    body = "\n".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" role="img" '
        f'aria-label="{escape(title)}">\n<style>{STYLE}</style>\n{body}\n</svg>\n'
    )


def step(name, begins, summary, whose, scale, y):
    start, end = scale(begins), scale(begins + summary.median)
    yield f'<text x="{LABEL - 10}" y="{y + 14}" text-anchor="end">{escape(name)}</text>'
    yield f'<rect class="{whose}" x="{start:.1f}" y="{y + 3}" width="{max(1.0, end - start):.1f}" height="14" rx="2"/>'
    yield f'<text class="small" x="{WIDTH - RIGHT + 8}" y="{y + 14}">{summary.median:.3g}</text>'


def row(name, summary, values, scale, y):
    whose = "ours" if name.startswith("Gradus") else "peer"
    end = scale(summary.median)
    yield f'<text x="{LABEL - 10}" y="{y + 14}" text-anchor="end">{escape(name)}</text>'
    yield f'<rect class="{whose}" x="{LABEL}" y="{y + 3}" width="{max(1.0, end - LABEL):.1f}" height="14" rx="2"/>'
    every = max(1, len(values) // MOST_TICKS)
    for value in sorted(values)[::every]:
        x = min(scale(value), WIDTH - RIGHT)
        yield f'<line class="tick" x1="{x:.1f}" x2="{x:.1f}" y1="{y + 7}" y2="{y + 13}"/>'
    for value in (summary.p90, summary.p99):
        x = scale(value)
        yield f'<line class="mark" x1="{x:.1f}" x2="{x:.1f}" y1="{y + 3}" y2="{y + 17}"/>'
    yield f'<text class="small" x="{WIDTH - RIGHT + 8}" y="{y + 14}">{summary.median:.3g}</text>'
