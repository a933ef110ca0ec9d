"""The fast end (bench/driver, Rust): asked one question a line, it does a thing once and says how long that took."""

import json
import os
import pathlib
import platform
import select
import subprocess

PATIENCE_SECONDS = 120


class Driver:
    def __init__(self, root, binary, lessons, runtime=None):
        guest = os.environ.get("GRADUS_GUEST") or pathlib.Path(root, f"target/guest/{platform.machine()}-unknown-linux-gnu/guest/eval-guest")
        command = [str(binary), "agent", "--guest", str(guest), *(["--runtime", runtime] if runtime else [])]
        command += [str(lesson) for lesson in lessons]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, do, **how):
        self.process.stdin.write(json.dumps({"do": do, **how}) + "\n")
        self.process.stdin.flush()
        # One line per question, so nothing is read ahead that this could miss.
        if not select.select([self.process.stdout], [], [], PATIENCE_SECONDS)[0]:
            self.process.kill()
            raise RuntimeError(f"no answer to {do!r} within {PATIENCE_SECONDS} s")
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError("the driver ended; what it said is above")
        answer = json.loads(line)
        if "error" in answer:
            raise RuntimeError(answer["error"])
        return answer

    def milliseconds(self, do, **how):
        return self.ask(do, **how)["micros"] / 1000

    def per_second(self, do, **how):
        answer = self.ask(do, **how)
        return answer["count"] / (answer["micros"] / 1e6)

    @property
    def is_alive(self):
        return self.process.poll() is None

    def close(self):
        if self.is_alive:
            self.process.stdin.close()
            self.process.wait(timeout=30)
