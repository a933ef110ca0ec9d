"""Verdict of a lesson at the agent, warm: from the grading's first step to its verdict, container already waiting. No queue,
no HTTP. Beside it the same test run as a bare process and by every peer that runs here."""

from ..claims import Claim, added_at_most, ratio_at_most, times_faster, told
from ..rounds import interleaved
from ..samples import Samples

ROUNDS = 15
OURS = {
    "in-process": "py-unittest",
    "outside": "py-unittest-outside",
    "zygote": "py-unittest-zygote",
    "outside, zygote": "py-unittest-outside-zygote",
}


def measure(context):
    driver, rootfs = context.driver, context.rootfs
    known = {lesson.name for lesson in context.own_lessons}

    def ours(lesson):
        def once():
            driver.ask("warm", lesson=lesson, containers=2 if "outside" in lesson else 1)
            return driver.milliseconds("grade", lesson=lesson)

        return once

    def peer(program):
        return lambda: driver.milliseconds("run", program=program())

    routes = {f"Gradus, {how}": ours(lesson) for how, lesson in OURS.items() if lesson in known}
    routes |= {
        "bare process": peer(rootfs.bare),
        "bubblewrap": peer(rootfs.bubblewrap),
        "docker exec": peer(rootfs.docker_exec),
        "docker run": peer(rootfs.docker_run),
    }
    samples = Samples("verdict", missing={"Gradus, zygote": "this build has no zygote"})
    for once in routes.values():
        # The first reads files from the disk, which nobody after it does.
        try:
            once()
        except Exception:  # noqa: BLE001 (it fails again in its first round, and is told there)
            pass
    return interleaved(samples, routes, context.rounds(ROUNDS), context.quiet)


CLAIMS = [
    Claim("verdict at the agent, warm, in-process", "≤ 1.05× bare process", ratio_at_most("Gradus, in-process", "bare process", 1.05)),
    Claim("– added by us", "≤ 1 ms", added_at_most("Gradus, in-process", "bare process", 1.0)),
    Claim("with zygote", "≤ 0.15× bare process", ratio_at_most("Gradus, zygote", "bare process", 0.15)),
    Claim("– beside docker run", "≥ 60× faster", times_faster("Gradus, zygote", "docker run", 60)),
    Claim("judge outside (two containers)", "≤ bare + 10 ms", added_at_most("Gradus, outside", "bare process", 10)),
    Claim("– with zygote", "≤ bare + 10 ms", added_at_most("Gradus, outside, zygote", "bare process", 10)),
    Claim("peer: bubblewrap", "–", told("bubblewrap")),
    Claim("peer: docker exec", "–", told("docker exec")),
    Claim("peer: docker run --rm", "–", told("docker run")),
]
PLOT = ("Verdict of five unittest tests", "ms")
