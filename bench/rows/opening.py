"""A session's opening: at the agent, from the claim of a container to the first prompt; at a learner's socket, from the request
to the prompt over API, queue and relay. Warm and cold, beside `docker run -it` of the same image."""

import asyncio
import os
import pty
import select
import subprocess
import time

from ..claims import Claim, at_most, ratio_at_most, told
from ..gradus import Terminal, log_in_many
from ..rounds import interleaved
from ..samples import Samples

ROUNDS = 12
LESSON = "sh-pipes"
PROMPT = b"learner@"
PATIENCE_SECONDS = 30
COLD = ["docker", "run", "--rm", "--interactive", "--tty", "--network", "none", "gradus/bash:latest"]


def measure(context):
    samples, driver = Samples("opening"), context.driver

    def warm():
        driver.ask("warm", lesson=LESSON, containers=1)
        return driver.milliseconds("prompt", lesson=LESSON)

    def cold():
        driver.ask("settle")
        return driver.milliseconds("prompt", lesson=LESSON)

    with context.up() as gradus:
        loop = asyncio.new_event_loop()
        (learner,) = log_in_many(gradus, 1)

        def at_the_socket():
            gradus.settled()
            began = time.perf_counter()
            terminal = loop.run_until_complete(open_to_prompt(learner))
            taken = time.perf_counter() - began
            terminal.close()
            learner.end_session(terminal.session)
            return taken * 1000

        routes = {
            "Gradus, warm, agent": warm,
            "Gradus, cold, agent": cold,
            "Gradus, warm, at the socket": at_the_socket,
            "docker run -it": docker_run,
        }
        interleaved(samples, routes, context.rounds(ROUNDS), context.quiet)
        loop.close()
    return samples


async def open_to_prompt(learner):
    return await asyncio.wait_for(wait_for_prompt(learner), PATIENCE_SECONDS)


async def wait_for_prompt(learner):
    terminal = await Terminal.open(learner, LESSON)
    seen = b""
    while PROMPT not in seen:
        seen += await terminal.read()
    return terminal


def docker_run():
    """To the prompt of the image's own shell."""
    ours, theirs = pty.openpty()
    began = time.perf_counter()
    container = subprocess.Popen(COLD, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True)
    os.close(theirs)
    seen = b""
    while PROMPT not in seen:
        if not select.select([ours], [], [], PATIENCE_SECONDS)[0]:
            container.kill()
            raise RuntimeError("docker run came to no prompt")
        seen += os.read(ours, 4096)
    taken = time.perf_counter() - began
    os.write(ours, b"exit\r")
    container.wait(timeout=20)
    os.close(ours)
    return taken * 1000


CLAIMS = [
    Claim("session open, warm, claim → first prompt, agent", "≤ 5 ms", at_most("Gradus, warm, agent", 5)),
    Claim("– cold", "≤ 1.1× docker run", ratio_at_most("Gradus, cold, agent", "docker run -it", 1.1)),
    Claim("– warm, request → prompt at the learner's socket", "–", told("Gradus, warm, at the socket")),
]
PLOT = ("From request to first prompt", "ms")
