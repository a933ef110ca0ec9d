"""Rounds in which every route has its turn, in an order drawn anew each time: what the machine does meanwhile meets all of
them alike."""

import random

from .samples import first_line

# A route that fails so often is left out of the rest.
FAILURES = 2


def interleaved(samples, routes, rounds, quiet, say=print):
    """`routes`: name → callable that answers one value or a list of them. Takes every sample it can get."""
    chance, failures = random.Random(samples.family), {}
    for _ in range(rounds):
        order = [name for name in routes if failures.get(name, 0) < FAILURES]
        chance.shuffle(order)
        for name in order:
            load = quiet.wait()
            try:
                taken = routes[name]()
            except Exception as why:  # noqa: BLE001 (a peer that breaks must not end the run)
                failures[name] = failures.get(name, 0) + 1
                samples.missing[name] = first_line(why)
                say(f"  {name}: {first_line(why)}")
                continue
            for value in taken if isinstance(taken, list) else [taken]:
                samples.add(name, value, load if not isinstance(taken, list) else None)
            if isinstance(taken, list):
                samples.background.setdefault(name, []).append(round(load, 2))
    return samples
