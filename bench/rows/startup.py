"""From `gradus up` to its first answered request, images present: with a folder it has used before, and with a new one, where
lessons are published and first accounts made. And what API and agent hold in memory, each as a process of its own."""

import http.client
import pathlib
import shutil
import socket
import subprocess
import tempfile
import time

from ..claims import Claim, at_most, told
from ..rounds import interleaved
from ..samples import Samples

ROUNDS = 10
DEADLINE_SECONDS = 30
REST_SECONDS = 3
UNIT_MEMORY = "MB"


def measure(context):
    samples = Samples("startup", unit="s")
    used = tempfile.mkdtemp(prefix="gradus-bench-")
    first_answer(context, used)

    def new():
        folder = tempfile.mkdtemp(prefix="gradus-bench-")
        try:
            return first_answer(context, folder)
        finally:
            shutil.rmtree(folder)

    routes = {"Gradus, used folder": lambda: first_answer(context, used), "Gradus, new folder": new}
    interleaved(samples, routes, context.rounds(ROUNDS, 2), context.quiet)
    shutil.rmtree(used)
    memory(context, samples)
    return samples


def first_answer(context, folder):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    # The lessons that ship, as a user has them.
    command = [str(context.gradus), "up", "--data", folder, "--listen", f"127.0.0.1:{port}", "--agent-name", pathlib.Path(folder).name]
    began = time.perf_counter()
    with open(pathlib.Path(folder, "log"), "a") as log:
        process = subprocess.Popen(command, cwd=context.root, stdout=log, stderr=log)
    try:
        while time.perf_counter() - began < DEADLINE_SECONDS:
            if answered(port):
                return time.perf_counter() - began
            if process.poll() is not None:
                raise RuntimeError(f"gradus ended with {process.returncode}")
            time.sleep(0.002)
        raise RuntimeError("no answer in time")
    finally:
        process.terminate()
        process.wait()


def answered(port):
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        line.request("GET", "/readyz")
        return line.getresponse().status < 300
    except OSError:
        return False
    finally:
        line.close()


def memory(context, samples):
    with context.up(part="api") as api, context.up(part="agent", data=api.data) as agent:
        agent.settled()
        time.sleep(REST_SECONDS)
        samples.notes["api_mb"] = round(api.memory_kib() * 1024 / 1e6, 1)
        samples.notes["agent_mb"] = round(agent.memory_kib() * 1024 / 1e6, 1)


def resident(part, most):
    def judge(samples):
        value = samples.notes[f"{part}_mb"]
        return f"{value} MB", "–", "–", value <= most

    return judge


CLAIMS = [
    Claim("`gradus up` to first answered request, images present", "≤ 1 s", at_most("Gradus, used folder", 1, "s")),
    Claim("– with a new data folder (lessons published, accounts made)", "–", told("Gradus, new folder", "s")),
    Claim("API resident after start", "≤ 40 MB", resident("api", 40)),
    Claim("agent resident after start", "≤ 40 MB", resident("agent", 40)),
]
PLOT = ("`gradus up` to first answer", "s")
