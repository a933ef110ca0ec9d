"""Rounds in which every route has its turn, in an order drawn anew each time: what the machine does meanwhile meets all of
them alike."""

import random
import time

from .samples import first_line

# A route that fails so often is left out of the rest.
FAILURES = 2
# A family stops here once it has rounds enough, and here with whatever it has: a quarter of an hour is for all of them.
ENOUGH_ROUNDS = 10
ENOUGH_SECONDS = 75
MOST_SECONDS = 150


def interleaved(samples, routes, rounds, quiet, say=print):
    """`routes`: name → callable that answers one value or a list of them. Takes every sample it can get."""
    chance, failures = random.Random(samples.family), {}
    began = time.monotonic()
    for number in range(rounds):
        if time.monotonic() - began > (ENOUGH_SECONDS if number >= ENOUGH_ROUNDS else MOST_SECONDS):
            samples.notes["cut_short"] = f"{number} of {rounds} rounds: the machine was too slow for more in its time"
            break
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
