import unittest

from bench import rounds
from bench.samples import Samples


class Calm:
    def wait(self):
        return 0.01


class Rounds(unittest.TestCase):
    def test_give_every_route_a_turn_in_an_order_of_their_own(self):
        turns = []

        def route(name):
            return lambda: turns.append(name) or len(turns)

        samples = Samples("family")
        rounds.interleaved(samples, {name: route(name) for name in "abc"}, 12, Calm(), say=lambda _: None)
        orders = ["".join(turns[at : at + 3]) for at in range(0, len(turns), 3)]
        self.assertEqual({"".join(sorted(order)) for order in orders}, {"abc"})
        self.assertGreater(len(set(orders)), 1)
        self.assertEqual({name: len(taken) for name, taken in samples.routes.items()}, {"a": 12, "b": 12, "c": 12})
        self.assertEqual(samples.background["a"], [0.01] * 12)

    def test_leave_out_what_fails_twice_and_say_why(self):
        calls, said, samples = [], [], Samples("family")

        def broken():
            calls.append(1)
            raise RuntimeError("no such peer")

        rounds.interleaved(samples, {"broken": broken, "well": lambda: 1.0}, 10, Calm(), say=said.append)
        self.assertEqual((len(calls), len(said)), (2, 2))
        self.assertEqual(samples.missing["broken"], "RuntimeError: no such peer")
        self.assertEqual(len(samples.of("well")), 10)
