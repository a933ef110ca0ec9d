"""A Python that has everything imported before anybody wants a run, and then becomes that run: the one it was started for.

The guest starts it with the descriptors of the run to come and a socket for its standard input (eval-guest/src/zygotes.rs).
It says when it is ready, waits for an order, and is used once: each run has an interpreter of its own, with a hash
seed and random numbers that no other has. Until the order comes it reads nothing of the learner's. Whatever it is not sure to
run as a fresh interpreter would, it executes as one.
"""

import atexit
import ctypes
import gc
import os
import runpy
import site
import sys
import threading

# The programs that can wait, and the module that each is. There is an executable of each name (Dockerfile).
MODULES = {"gradus-pytest": "gradus_pytest", "gradus-unittest": "gradus_unittest"}
# Bytes of an order; the guest sends no longer one.
MAX_ORDER = 65_536
# Names in a workspace that are looked at; a larger one is rare, and costs what a start costs.
MAX_NAMES = 2_000
PR_SET_DUMPABLE = 4
STDIN = 0
# The exit status of an interpreter that cannot write the last of its output.
FLUSH_FAILED = 120

library = ctypes.CDLL(None)


def main():
    # While it waits, nobody of the same user reads or writes its memory or opens what it has open.
    library.prctl(PR_SET_DUMPABLE, 0)
    prepare(os.path.basename(sys.argv[0]))
    os.write(STDIN, b"ready")
    order = os.read(STDIN, MAX_ORDER)
    if not order:
        os._exit(0)
    folders, argv, environment = parse(order)
    library.prctl(PR_SET_DUMPABLE, 1)
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, STDIN)
    os.close(nothing)
    enter(folders)
    os.environ.clear()
    os.environ.update(variable.split("=", 1) for variable in environment)
    name = MODULES.get(argv[0])
    if name is None or is_unlike_a_fresh_start():
        os.execvp(argv[0], argv)
    become(name, argv[1:])


def prepare(program):
    """Imports what the program would."""
    # What calls a program that runs elsewhere; it starts nothing until it is asked.
    import gradus_program  # noqa: F401
    import gradus_unittest  # noqa: F401

    if program == "gradus-pytest":
        import gradus_tap  # noqa: F401
        from _pytest.config import default_plugins

        for name in default_plugins:
            __import__(f"_pytest.{name}")
    # Nothing of all this is garbage; the collector need not look at it during the run.
    gc.collect()
    gc.freeze()


def parse(order):
    """Three lists of texts, each with its length before it; all end with a zero byte."""
    fields = iter(order.decode("utf-8", "surrogateescape").split("\0"))
    return [[next(fields) for _ in range(int(next(fields)))] for _ in range(3)]


def enter(folders):
    for folder in folders:
        try:
            return os.chdir(folder)
        except OSError:
            continue


def is_unlike_a_fresh_start():
    """Whether an interpreter started now might find something else than this one has found."""
    told_otherwise = any(name.startswith("PYTHON") for name in os.environ)
    return told_otherwise or os.path.isdir(site.getusersitepackages()) or hides_something(os.getcwd())


def hides_something(folder):
    """Whether a file of the workspace has the name of a module that is loaded already: a fresh interpreter might take it."""
    folders, seen = [folder], 0
    while folders:
        with os.scandir(folders.pop()) as entries:
            for entry in entries:
                seen += 1
                if seen > MAX_NAMES or entry.name.partition(".")[0] in sys.modules:
                    return True
                if entry.is_dir(follow_symlinks=False):
                    folders.append(entry.path)
    return False


def become(name, arguments):
    """As `python3 -B -m name arguments` goes on from here."""
    sys.path[0] = os.getcwd()
    sys.argv = ["-m", *arguments]
    sys.orig_argv = ["python3", "-B", "-m", name, *arguments]
    main = sys.modules["__main__"]
    for own in [name for name in vars(main) if not name.startswith("__")]:
        delattr(main, own)
    for own in ["gradus_zygote", "ctypes", "_ctypes"]:
        sys.modules.pop(own, None)
    leave(runpy._run_module_as_main, name)


def leave(run, name):
    """Ends as a fresh interpreter does, but for taking apart what was imported: that takes longer than a small run."""
    code = 1
    try:
        run(name)
        code = 0
    except SystemExit as end:
        code = said(end.code)
    except BaseException:
        sys.excepthook(*sys.exc_info())
    threading._shutdown()
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__):
        try:
            stream.flush()
        except (AttributeError, OSError, ValueError):
            code = code or FLUSH_FAILED
    os._exit(code)


def said(code):
    """The exit status that `sys.exit(code)` stands for."""
    if code is None:
        return 0
    if isinstance(code, int):
        return code & 0xFF
    print(code, file=sys.stderr)
    return 1
