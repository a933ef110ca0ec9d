"""For tests of Python's function calls: the real worker beside a learner's files in a folder, without containers."""

import importlib
import os
import pathlib
import signal
import sys
import tempfile
import textwrap

LIB = pathlib.Path(__file__).resolve().parents[1] / "images/python/lib"
sys.path.insert(0, str(LIB))

import gradus_program  # noqa: E402
import gradus_stand_in  # noqa: E402

# What bin/gradus-python-worker does, with this Python and these files.
START = f"import sys; sys.path.append({str(LIB)!r}); import gradus_worker; sys.path.pop(); gradus_worker.run()"


class Judge:
    """A folder of stand-ins for modules of another folder, whose program is called in between the two ends of `with`."""

    def __init__(self, modules):
        self.modules = modules

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory()
        program, judge = (pathlib.Path(self.folder.name) / name for name in ("program", "judge"))
        for path, source in self.modules.items():
            text = f"import gradus_stand_in\ngradus_stand_in.take_place(__name__, {path!r})\n"
            for place, content in ((program / path, textwrap.dedent(source)), (judge / path, text)):
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_text(content)
        worker = [sys.executable, "-ISB", "-c", START]
        command = ["sh", "-c", 'cd "$0" && exec "$@"', str(program), *worker]
        self.program = gradus_stand_in.program = gradus_program.Program(command)
        self.judge = str(judge)
        sys.path.insert(0, self.judge)
        importlib.invalidate_caches()
        return self

    def load(self, name):
        return importlib.import_module(name)

    def __exit__(self, *_):
        self.program.kill()
        end_all_in(f"{self.folder.name}/program")
        sys.path.remove(self.judge)
        for name, module in list(sys.modules.items()):
            if str(getattr(module, "__file__", "")).startswith(self.judge):
                del sys.modules[name]
        self.folder.cleanup()


def end_all_in(folder):
    """What a learner's program left running ends with its container; here we look for it."""
    for number in filter(str.isdigit, os.listdir("/proc")):
        try:
            if os.readlink(f"/proc/{number}/cwd") == folder:
                os.kill(int(number), signal.SIGKILL)
        except OSError:
            pass
