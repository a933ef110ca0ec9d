"""In Chromium: from the click on a lesson to the prompt on the screen (e2e/tests/bench.ts)."""

import json
import os
import pathlib
import subprocess
import tempfile

from ..claims import Claim, at_most, told
from ..samples import Samples, first_line

TIMEOUT_SECONDS = 240
CLICK = "Gradus, click to prompt"


def measure(context):
    samples = Samples("browser")
    if not (context.root / "e2e" / "node_modules").exists():
        samples.missing[CLICK] = "the browser tests are not installed (scripts/prepare)"
        return samples
    with tempfile.TemporaryDirectory() as folder:
        wanted = "session open to prompt" if context.short else ""
        environment = {**os.environ, "GRADUS_BINARY": str(context.gradus), "GRADUS_BENCH_JSON": folder}
        command = ["npm", "run", "--silent", "bench", *(["--", "--grep", wanted] if wanted else [])]
        try:
            load = context.quiet.wait()
            subprocess.run(command, cwd=context.root / "e2e", env=environment, check=True, timeout=TIMEOUT_SECONDS, capture_output=True, text=True)
        except (OSError, subprocess.SubprocessError) as why:
            said = getattr(why, "stdout", None) or ""
            samples.missing[CLICK] = first_line(why) + (f" … {said[-200:]}" if said else "")
        for path in sorted(pathlib.Path(folder).glob("*.json")):
            for route, values in json.loads(path.read_text()).items():
                samples.extend(route, values)
                samples.background[route] = [round(load, 2)]
    return samples


CLAIMS = [
    Claim("session open, warm, click → prompt in the browser", "≤ 120 ms", at_most(CLICK, 120)),
    Claim("first visit, nothing cached, loopback: editor typable", "–", told("Gradus, first visit, loopback, typable")),
    Claim("first visit, fast 3G: editor typable", "–", told("Gradus, first visit, fast 3G, typable")),
]
PLOT = ("In the browser", "ms")
