"""Terminals beside each other, read by one small client (bench/client): a raw pseudo-terminal, `docker attach`, terminado, ours.
Ours goes client → API's relay → agent → guest in a container → bash and back; the raw one is the limit.

Echo is one key and its return, idle and while hand-ins keep every processor busy; bulk is a whole command's output.
"""

import asyncio
import contextlib
import json
import pathlib
import subprocess
import threading

from ..claims import Claim, number, ratio_at_least, ratio_at_most, spread, told
from ..gradus import Learner, Terminal, log_in_many
from ..peers.terminado import Terminado
from ..samples import Missing, Samples, first_line
from ..stats import percentile, summarise

LESSON = "sh-pipes"
SPIN = "py-spin"
SHELL = ["docker", "run", "--detach", "--rm", "--interactive", "--tty", "--network", "none", "--log-driver", "none", "gradus/bash:latest"]
NAMES = {"gradus": "Gradus", "terminado": "terminado", "pty": "raw pty", "attach": "docker attach"}
LOADED = ", both cores grading"
TIMEOUT_SECONDS = 300
# More than one needs the limit of a browser's: what a page that is not looked at lets pile up.
STALLED_SECONDS = 4


@contextlib.contextmanager
def terminals(context, *more):
    """A Gradus, a terminado and a container to attach to, as the client's arguments name them."""
    with context.up(*more) as gradus, Terminado() as terminado:
        container = subprocess.run(SHELL, check=True, capture_output=True, text=True).stdout.strip()
        named = [f"gradus={gradus.address}", f"terminado=ws://127.0.0.1:{terminado.port}/terminal", "pty=bash", f"attach={container}"]
        try:
            yield gradus, named
        finally:
            subprocess.run(["docker", "rm", "--force", container], check=True, capture_output=True)
            # terminado's shell and the raw one run on this machine.
            pathlib.Path("/tmp/gradus-bulk").unlink(missing_ok=True)


def client(context, gradus, named, *how):
    """What the client measured, by the names of our table."""
    if not context.client.exists():
        raise RuntimeError("bench-client is not built (scripts/bench builds it)")
    command = [str(context.client), *(word for name in named for word in ("--terminal", name)), "--password", gradus.passwords["learner"]]
    said = subprocess.run([*command, "--lesson", LESSON, *how], capture_output=True, text=True, timeout=TIMEOUT_SECONDS)
    if said.returncode:
        raise RuntimeError(said.stderr.strip()[-300:])
    return {NAMES[name]: taken for name, taken in json.loads(said.stdout).items()}


class Echo:
    KEYS = 40
    ROUNDS = 10

    @classmethod
    def measure(cls, context):
        samples = Samples("echo")
        how = ["--rounds", str(context.rounds(cls.ROUNDS)), "--keys", str(cls.KEYS), "--pause-ms", "10"]
        with terminals(context, "--sessions", "4") as (gradus, named):
            cls.idle(context, samples, gradus, named, how)
            try:
                cls.loaded(context, samples, gradus, named, how)
            except Exception as why:  # noqa: BLE001 (the idle half stands)
                samples.missing |= {name + LOADED: first_line(why) for name in NAMES.values()}
        return samples

    @staticmethod
    def idle(context, samples, gradus, named, how):
        load = context.quiet.wait()
        for name, taken in client(context, gradus, named, *how).items():
            samples.extend(name, (micros / 1000 for micros in taken["echo_us"]))
            samples.background[name] = [round(load, 2)]

    @staticmethod
    def loaded(context, samples, gradus, named, how):
        """The same while learners' endless programs are graded, one per processor, one after the other."""
        stop = threading.Event()
        graders = [threading.Thread(target=keep_grading, args=(learner, stop)) for learner in log_in_many(gradus, 3)]
        for grader in graders:
            grader.start()
        try:
            for name, taken in client(context, gradus, named, *how).items():
                samples.extend(name + LOADED, (micros / 1000 for micros in taken["echo_us"]))
            samples.notes["load while grading"] = round(context.quiet.load(), 2)
        finally:
            stop.set()
            for grader in graders:
                grader.join()

    CLAIMS = [
        Claim("keystroke echo through socket, relay, agent, guest, pty", "≤ 0.6× terminado", ratio_at_most("Gradus", "terminado", 0.6)),
        Claim("– beside docker attach -t", "≤ 0.9×", ratio_at_most("Gradus", "docker attach", 0.9)),
    ]
    PLOT = ("Echo of one key", "ms")


def keep_grading(learner, stop):
    workspace = learner.workspace(SPIN)
    while not stop.is_set():
        learner.wait(learner.hand_in(workspace), every=0.2)


def worst_under_load(most):
    def judge(samples):
        idle, loaded = samples.of("Gradus"), samples.of("Gradus" + LOADED)
        before, after = percentile(idle, 0.99), percentile(loaded, 0.99)
        measured = f"p99 {number(after)} ms beside p99 {number(before)} ms idle"
        return measured, spread(summarise(loaded)), f"{after / before:.1f}", after <= most * before

    return judge


Echo.CLAIMS += [
    Claim("– p99 while both cores grade flat out", "≤ 5× idle p99", worst_under_load(5)),
    Claim("peer: docker attach, both cores grading", "–", told("docker attach" + LOADED)),
    Claim("peer: raw pty", "–", told("raw pty")),
]


class Bulk:
    ROUNDS = 10
    LINES = "seq 1 1000000"
    # Written once, read many times: what a terminal carries when the writer is no bound.
    FILE = "[ -f /tmp/gradus-bulk ] || seq 1 2000000 >/tmp/gradus-bulk; cat /tmp/gradus-bulk"

    @classmethod
    def measure(cls, context):
        samples = Samples("bulk", unit="MB/s")
        how = ["--rounds", str(context.rounds(cls.ROUNDS)), "--keys", "1", "--bulk", cls.LINES, "--bulk", cls.FILE]
        with terminals(context, "--sessions", "4") as (gradus, named):
            load = context.quiet.wait()
            for name, taken in client(context, gradus, named, *how).items():
                for what, command in (("lines", cls.LINES), ("file", cls.FILE)):
                    samples.extend(f"{name}, {what}", (round_["bytes"] / round_["seconds"] / 1e6 for round_ in taken["bulk"][command]))
                    samples.background[f"{name}, {what}"] = [round(load, 2)]
            try:
                samples.notes |= stalled(gradus)
            except Exception as why:  # noqa: BLE001 (throughput stands without it)
                samples.missing["stalled"] = first_line(why)
        return samples

    CLAIMS = [
        Claim("bulk output, `cat` of 14 MB", "≥ 0.9× raw pty", ratio_at_least("Gradus, file", "raw pty, file", 0.9, "MB/s")),
        Claim("– beside terminado", "≥ 1.2×", ratio_at_least("Gradus, file", "terminado, file", 1.2, "MB/s")),
        Claim("bulk output, `seq 1 1000000`", "≥ 0.9× raw pty", ratio_at_least("Gradus, lines", "raw pty, lines", 0.9, "MB/s")),
        Claim("– beside terminado", "≥ 1.2×", ratio_at_least("Gradus, lines", "terminado, lines", 1.2, "MB/s")),
    ]
    PLOT = ("Bulk output of a terminal", "MB/s")


def stalled(gradus):
    """Memory of API and agent before and after a terminal floods a page that reads nothing."""
    async def flood():
        terminal = await Terminal.open(Learner.log_in(gradus), LESSON)
        before = gradus.memory_kib()
        await terminal.type("yes | head -c 2000000000\r")
        most = before
        for _ in range(STALLED_SECONDS * 4):
            await asyncio.sleep(0.25)
            most = max(most, gradus.memory_kib())
        terminal.close()
        return {"stalled_before_kib": before, "stalled_most_kib": most}

    return asyncio.new_event_loop().run_until_complete(flood())


def flat(most_mib):
    def judge(samples):
        if "stalled_most_kib" not in samples.notes:
            raise Missing(samples.missing.get("stalled", "not measured in this run"))
        grown = (samples.notes["stalled_most_kib"] - samples.notes["stalled_before_kib"]) / 1024
        return f"+ {grown:.1f} MiB", "–", "–", grown <= most_mib

    return judge


Bulk.CLAIMS += [Claim("memory of API and agent while a page reads nothing of a flood", "flat: ≤ 4 MiB more", flat(4))]
