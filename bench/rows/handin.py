"""End to end: from the first byte of the hand-in over HTTP until a question for it answers a stored verdict. `gradus up` with the
embedded queue; containers warm. The question is asked every 2 ms, by a client that shares the processors."""

import time

from ..claims import Claim, added_at_most, times_faster
from ..gradus import log_in_many
from ..rounds import interleaved
from ..samples import Samples

ROUNDS = 15
LESSONS = {
    "in-process": "py-unittest",
    "outside": "py-unittest-outside",
    "zygote": "py-unittest-zygote",
    "outside, zygote": "py-unittest-outside-zygote",
}


def measure(context):
    samples = Samples("handin", missing={"Gradus, zygote": "this build has no zygote"})
    known = {lesson.name for lesson in context.own_lessons}
    driver, rootfs = context.driver, context.rootfs
    with context.up() as gradus:
        (learner,) = log_in_many(gradus, 1)

        def ours(lesson):
            workspace = learner.workspace(lesson)
            solution = (context.root / "bench" / "lessons" / lesson / "solution" / "words.py").read_text()
            learner.save(workspace, "words.py", solution)

            def once():
                gradus.settled()
                began = time.perf_counter()
                answer = learner.wait(learner.hand_in(workspace))
                taken = time.perf_counter() - began
                verdict = answer["state"].get("verdict") or {}
                if verdict.get("outcome") not in ("passed", {"type": "passed"}):
                    raise RuntimeError(f"not passed: {answer['state']}")
                return taken * 1000

            return once

        routes = {f"Gradus, {how}": ours(lesson) for how, lesson in LESSONS.items() if lesson in known}
        routes["bare process"] = lambda: driver.milliseconds("run", program=rootfs.bare())
        routes["docker run"] = lambda: driver.milliseconds("run", program=rootfs.docker_run())
        for once in routes.values():
            once()
        interleaved(samples, routes, context.rounds(ROUNDS), context.quiet)
    return samples


CLAIMS = [
    Claim("hand-in over HTTP to stored verdict", "≤ bare + 25 ms", added_at_most("Gradus, in-process", "bare process", 25)),
    Claim("– beside docker run alone", "≥ 4× faster", times_faster("Gradus, in-process", "docker run", 4)),
    Claim("– judged outside", "≤ bare + 35 ms (sum of two bars)", added_at_most("Gradus, outside", "bare process", 35)),
    Claim("– judged outside, with zygote", "≤ bare + 35 ms", added_at_most("Gradus, outside, zygote", "bare process", 35)),
]
PLOT = ("Hand-in over HTTP to stored verdict", "ms")
