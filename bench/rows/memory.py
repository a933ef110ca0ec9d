"""Memory of an idle session beyond the lesson's own processes: its shim, its guest, and what the kernel holds for it. Beside the
shim of a plain `docker run sleep`. PSS, so that what many share is counted once."""

import asyncio
import json
import pathlib
import re
import subprocess

from ..claims import Claim, at_most, ratio_at_most, told
from ..gradus import log_in_many
from ..samples import Samples

COUNT = 10
IMAGE = "gradus/bash:latest"
IDLE = ["docker", "run", "--detach", "--rm", "--network", "none", IMAGE, "sleep", "3600"]
KIB = 1024


def measure(context):
    samples = Samples("memory", unit="MB")
    count = context.rounds(COUNT)
    others = [subprocess.run(IDLE, check=True, capture_output=True, text=True).stdout.strip() for _ in range(count)]
    try:
        with context.up("--sessions", str(count + 1)) as gradus:
            loop = asyncio.new_event_loop()
            sessions = [loop.run_until_complete(ready(learner)) for learner in log_in_many(gradus, count)]
            gradus.settled()
            for found in map(inspect, gradus.containers()):
                # Those of other images wait with the services of their lessons in them.
                if found["image"] != IMAGE:
                    continue
                guest, shim, kernel = pss(found["pid"]), pss(found["shim"]), kernel_memory(found["pid"])
                samples.add("Gradus: guest", guest)
                samples.add("Gradus: shim", shim)
                samples.add("Gradus: kernel", kernel)
                samples.add("Gradus: all", guest + shim + kernel)
            for found in map(inspect, others):
                samples.add("shim of docker run", pss(found["shim"]))
                samples.add("docker run: kernel", kernel_memory(found["pid"]))
            for session in sessions:
                session.close()
    finally:
        subprocess.run(["docker", "rm", "--force", *others], capture_output=True, check=False)
    return samples


async def ready(learner):
    """The page of a session that is ready; no terminal is opened, for its shell would be the learner's own."""
    socket = await learner.watch(learner.open_session("sh-pipes"))
    while '"terminals_listed"' not in str(await socket.read_message()):
        pass
    return socket


def inspect(name):
    (found,) = json.loads(subprocess.run(["docker", "inspect", name], check=True, capture_output=True).stdout)
    pid = found["State"]["Pid"]
    parent = re.search(r"PPid:\s+(\d+)", pathlib.Path(f"/proc/{pid}/status").read_text())[1]
    return {"pid": pid, "shim": int(parent), "image": found["Config"]["Image"]}


def pss(pid):
    """In MB."""
    return int(re.search(r"^Pss:\s+(\d+)", pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text(), re.M)[1]) * KIB / 1e6


def kernel_memory(pid):
    """What the kernel holds for the container's processes, by their control group. In MB."""
    groups = dict(line.split(":", 2)[1:] for line in pathlib.Path(f"/proc/{pid}/cgroup").read_text().splitlines())
    v1 = next((path for controllers, path in groups.items() if "memory" in controllers.split(",")), None)
    if v1 is not None:
        return int(pathlib.Path(f"/sys/fs/cgroup/memory{v1}/memory.kmem.usage_in_bytes").read_text()) / 1e6
    stat = pathlib.Path(f"/sys/fs/cgroup{groups['']}/memory.stat").read_text()
    return int(re.search(r"^kernel (\d+)", stat, re.M)[1]) / 1e6


CLAIMS = [
    Claim("idle session, beyond the lesson's own processes", "≤ 4 MB", at_most("Gradus: all", 4, "MB")),
    Claim("– beside the shim alone", "≤ 1.2×", ratio_at_most("Gradus: all", "shim of docker run", 1.2, "MB")),
    Claim("– of this the guest", "–", told("Gradus: guest", "MB")),
]
PLOT = ("Memory of an idle session", "MB")
