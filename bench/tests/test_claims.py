import unittest

from bench import claims
from bench.samples import Samples


def samples(**routes):
    made = Samples("family")
    for route, values in routes.items():
        made.extend(route, values)
    return made


class Bars(unittest.TestCase):
    def test_are_met_at_the_bar_and_missed_beyond_it(self):
        both = samples(ours=[21, 21, 21], peer=[20, 20, 20])
        rows = [
            (claims.ratio_at_most("ours", "peer", 1.05), True),
            (claims.ratio_at_most("ours", "peer", 1.04), False),
            (claims.ratio_at_least("ours", "peer", 1.05), True),
            (claims.ratio_at_least("ours", "peer", 1.06), False),
            (claims.added_at_most("ours", "peer", 1), True),
            (claims.added_at_most("ours", "peer", 0.9), False),
            (claims.times_faster("peer", "ours", 1.05), True),
            (claims.times_faster("peer", "ours", 1.06), False),
            (claims.at_most("ours", 21), True),
            (claims.at_most("ours", 20), False),
            (claims.at_least("ours", 21, "/s"), True),
            (claims.at_least("ours", 22, "/s"), False),
            (claims.told("ours"), None),
        ]
        for number, (judge, met) in enumerate(rows):
            with self.subTest(row=number):
                self.assertIs(claims.Claim("goal", "bar", judge).outcome(both).met, met)

    def test_what_was_not_measured_is_neither_met_nor_missed_and_says_why(self):
        judge = claims.ratio_at_most("ours", "peer", 1)
        half = samples(ours=[1])
        half.missing["peer"] = "it is not installed"
        broken = Samples("family", notes={"broken": "the machine is full"})
        for given, why in [(half, "it is not installed"), (None, "not measured in this run"), (broken, "the machine is full")]:
            outcome = claims.Claim("goal", "bar", judge).outcome(given)
            self.assertEqual((outcome.met, outcome.remark), (None, why))
