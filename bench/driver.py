"""The fast end (bench/driver, Rust): asked one question a line, it does a thing once and says how long that took."""

import json
import subprocess


class Driver:
    def __init__(self, binary, lessons, runtime=None):
        command = [str(binary), "agent", *(["--runtime", runtime] if runtime else []), *(str(lesson) for lesson in lessons)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, do, **how):
        self.process.stdin.write(json.dumps({"do": do, **how}) + "\n")
        self.process.stdin.flush()
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

    def close(self):
        self.process.stdin.close()
        self.process.wait(timeout=30)
