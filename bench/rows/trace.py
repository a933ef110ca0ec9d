"""Where each millisecond of one key and of one hand-in goes, hop by hop, by every hop's own clock (`gradus trace --json`)."""

import json
import subprocess

from ..claims import Claim, told
from ..samples import Samples

ALL = "in all"
TIMEOUT_SECONDS = 120


def trace(context, family, what, *how):
    samples = Samples(family)
    with context.up() as gradus:
        gradus.settled()
        load = context.quiet.wait()
        who = ["--url", gradus.address, "--password", gradus.passwords["learner"], "--json"]
        said = subprocess.run([str(context.gradus), "trace", what, *who, *how], capture_output=True, text=True, timeout=TIMEOUT_SECONDS)
    if said.returncode:
        raise RuntimeError(said.stderr.strip()[-200:])
    told = json.loads(said.stdout)
    for hop in [*told["hops"], {**told["total"], "name": ALL}]:
        samples.extend(hop["name"], (micros / 1000 for micros in hop["samples_us"]))
        samples.background[hop["name"]] = [round(load, 2)]
    return samples


class Key:
    @staticmethod
    def measure(context):
        return trace(context, "trace-key", "keystroke", "--count", str(context.rounds(200, 20)), "--pause-ms", "10")

    CLAIMS = [Claim("one key, sum of its hops", "–", told(ALL))]
    PLOT = ("One key, hop by hop", "ms")
    IN_ORDER = True


class HandIn:
    @staticmethod
    def measure(context):
        return trace(context, "trace-handin", "submission", "--count", str(context.rounds(20)), "--lesson", "py-unittest")

    CLAIMS = [Claim("one hand-in, sum of its hops", "–", told(ALL))]
    PLOT = ("One hand-in, hop by hop", "ms")
    IN_ORDER = True
