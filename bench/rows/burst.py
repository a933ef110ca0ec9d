"""A class begins: 30 learners open a lesson within 10 seconds, at moments drawn at random. Each waits from their click's request to
the prompt at their socket."""

import asyncio
import random
import time

from ..claims import Claim, number, spread
from ..gradus import log_in_many
from ..samples import Samples, first_line
from ..stats import summarise
from .opening import open_to_prompt

LEARNERS = 30
WITHIN_SECONDS = 10.0
ROUTE = "Gradus, click to prompt"


def measure(context):
    samples = Samples("burst", unit="s")
    count = 10 if context.short else LEARNERS
    with context.up("--sessions", str(count + 2)) as gradus:
        gradus.settled()
        learners = log_in_many(gradus, count)
        load = context.quiet.wait()
        taken = asyncio.new_event_loop().run_until_complete(burst(learners, WITHIN_SECONDS * count / LEARNERS))
    failed = [first_line(one) for one in taken if isinstance(one, Exception)]
    samples.extend(ROUTE, sorted(one for one in taken if not isinstance(one, Exception)))
    samples.background[ROUTE] = [round(load, 2)]
    samples.notes = {"learners": count, "failed": failed[:3], "without_prompt": len(failed)}
    return samples


async def burst(learners, within):
    chance = random.Random("a class")
    began = time.perf_counter()

    async def one(learner):
        at = chance.uniform(0, within)
        await asyncio.sleep(at)
        await open_to_prompt(learner)
        # From when it was meant to click, so that a client that is late itself hides nothing.
        return time.perf_counter() - began - at

    return await asyncio.gather(*(one(learner) for learner in learners), return_exceptions=True)


def everyone(samples):
    summary = summarise(samples.of(ROUTE))
    lost = samples.notes["without_prompt"]
    measured = f"{number(summary.median)} s to the prompt, slowest {number(max(samples.of(ROUTE)))} s"
    return measured, spread(summary), "–", lost == 0, "" if not lost else f"{lost} had no prompt: {samples.notes['failed']}"


CLAIMS = [Claim("a class of 30 opens within 10 s", "everyone has a prompt", everyone)]
PLOT = ("A class of 30 opens a lesson within 10 s", "s")
