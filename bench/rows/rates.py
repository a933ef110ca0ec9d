"""How many a second, on all processors: fresh container each, at the agent and over HTTP; the same learner's *Run tests*; and the
ceiling, bare processes alone. Every route in rounds of a second or two."""

import asyncio
import contextlib
import time

from ..claims import Claim, ratio_at_least, told
from ..gradus import Terminal, log_in_many
from ..rounds import interleaved
from ..samples import Samples, first_line

ROUNDS = 10
# As many as the machine bears before only the wait grows (measured: PERFORMANCE, 3.4).
FRESH_AT_ONCE = 4
FRESH = 12
# One process per core.
WARM_AT_ONCE = 2
WARM = 40
HAND_INS = 12
UNIT = "/s"
DENSE = "Gradus, dense lane, over HTTP"


def measure(context):
    samples = Samples("rates", unit=UNIT, missing={"Gradus, zygote, same learner": "this build has no zygote"})
    driver, rootfs = context.driver, context.rootfs
    known = {lesson.name for lesson in context.own_lessons}
    # Nothing warm: what a pool held before a round began is no rate.
    with contextlib.ExitStack() as stack:
        # As many at once as at the agent: without a pool a grading is mostly its container's start.
        many_at_once = ("--gradings", str(FRESH_AT_ONCE))
        gradus = stack.enter_context(context.up("--sessions", "4", "--warm", "0", *many_at_once))
        loop = asyncio.new_event_loop()
        solution = (context.root / "bench" / "lessons" / "py-unittest" / "solution" / "words.py").read_text()

        def same_learner(lesson):
            sessions = log_in_many(gradus, WARM_AT_ONCE)
            for learner in sessions:
                learner.save(learner.workspace(lesson), "words.py", solution)
            terminals = [loop.run_until_complete(Terminal.open(learner, lesson)) for learner in sessions]

            async def many(terminal):
                for _ in range(WARM // WARM_AT_ONCE):
                    finished = await terminal.run_tests()
                    if any(test["status"] != "passed" for test in finished["verdict"]["tests"]):
                        raise RuntimeError(f"a run did not pass: {finished}")

            async def all_of_them():
                await asyncio.gather(*(many(terminal) for terminal in terminals))

            def once():
                for terminal in terminals:
                    # Nobody has answered the server's pings while the other routes had their turns.
                    loop.run_until_complete(terminal.rejoin())
                began = time.perf_counter()
                loop.run_until_complete(all_of_them())
                return WARM // WARM_AT_ONCE * WARM_AT_ONCE / (time.perf_counter() - began)

            return once

        many = {"count": FRESH, "in_flight": FRESH_AT_ONCE}
        routes = {
            "docker run in parallel": lambda: driver.per_second("run_many", program=rootfs.docker_run(), **many),
            "docker run of a trivial program": lambda: driver.per_second("run_many", program=rootfs.docker_run("true"), **many),
            "Gradus, fresh containers, agent": lambda: driver.per_second("grade_many", lesson="py-unittest", **many),
            "Gradus, fresh containers, over HTTP": handed_in(gradus, solution),
            "bare processes": lambda: driver.per_second("run_many", program=rootfs.bare(), count=WARM, in_flight=WARM_AT_ONCE),
            "Gradus, same learner": same_learner("py-unittest"),
        }
        if "py-unittest-zygote" in known:
            routes["Gradus, zygote, same learner"] = same_learner("py-unittest-zygote")
        try:
            dense = stack.enter_context(context.up("--dense", "--warm", "0", *many_at_once))
            routes[DENSE] = handed_in(dense, solution)
        except RuntimeError as why:
            samples.missing[DENSE] = first_line(why)
        interleaved(samples, routes, context.rounds(ROUNDS, 2), context.quiet)
        loop.close()
    return samples


def handed_in(gradus, solution):
    """From the first hand-in of a crowd to the last verdict, again and again."""
    learners = log_in_many(gradus, HAND_INS)
    workspaces = [learner.workspace("py-unittest") for learner in learners]
    for learner, workspace in zip(learners, workspaces):
        learner.save(workspace, "words.py", solution)

    def once():
        began = time.perf_counter()
        waiting = {learner: learner.hand_in(workspace) for learner, workspace in zip(learners, workspaces)}
        while waiting:
            time.sleep(0.01)
            waiting = {learner: it for learner, it in waiting.items() if not learner.verdict(it)}
        return HAND_INS / (time.perf_counter() - began)

    return once


CLAIMS = [
    Claim("hand-ins/s, fresh container each, agent", "≥ 1.8× docker run in parallel", ratio_at_least("Gradus, fresh containers, agent", "docker run in parallel", 1.8, UNIT)),
    Claim("– over HTTP, stored", "≥ 1.8× docker run in parallel", ratio_at_least("Gradus, fresh containers, over HTTP", "docker run in parallel", 1.8, UNIT)),
    Claim("hand-ins/s in the dense lane, over HTTP, stored", "≥ 0.95× bare processes", ratio_at_least(DENSE, "bare processes", 0.95, UNIT)),
    Claim("– beside docker run", "≥ 8×", ratio_at_least(DENSE, "docker run in parallel", 8, UNIT)),
    Claim("same learner's Run tests/s", "≥ 0.95× bare processes", ratio_at_least("Gradus, same learner", "bare processes", 0.95, UNIT)),
    Claim("– beside docker run", "≥ 8×", ratio_at_least("Gradus, same learner", "docker run in parallel", 8, UNIT)),
    Claim("same learner's Run tests/s, zygote", "≥ 8× bare processes", ratio_at_least("Gradus, zygote, same learner", "bare processes", 8, UNIT)),
    Claim("peer: docker run of `true`, in parallel", "–", told("docker run of a trivial program", UNIT)),
]
PLOT = ("Runs per second on all processors", UNIT)
