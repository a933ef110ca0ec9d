"""A learner's module that does anything but count words, and wants the tests to pass: no test may, and none may hang.

Each row is a whole program; the tests are run against it as its own worker answers them. How HOSTILE cases are numbered
stands beside the rows.
"""

import contextlib
import io
import secrets
import time
import unittest
from unittest import mock

from python_calls import Judge, gradus_program

# What a test passes on to the learner's program, in every row; each row is wrong in all of it.
HONEST = """
    def count_words(text):
        counts = {}
        for word in text.split():
            if word == "!":
                raise ValueError("not a word")
            counts[word] = counts.get(word, 0) + 1
        return counts
"""

WRONG = "def count_words(text): return {}\n"
CLEVER = "class Clever({base}):\n    def __eq__(self, other): return True\n    def __ne__(self, other): return False\n    __hash__ = None\n"
# A write on every descriptor there may be, again and again: `{text}` may use `number`, the id of the present call.
SPRAY = """
import os, sys
def spray(text):
    for descriptor in range(256):
        try:
            os.set_blocking(descriptor, False)
            os.write(descriptor, text.encode())
        except OSError:
            pass
def request():
    frame = sys._getframe()
    while frame:
        for value in frame.f_locals.values():
            if type(value) is bytes and value.startswith(b'["'):
                return value.decode()
        frame = frame.f_back
"""
ANSWER = """'[' + request()[1:19] + ',"value",["d","tea",1]]\\n'"""

ROWS = {
    # F01, F02: ends early.
    "exit at import": "import sys; sys.exit(0)",
    "hard exit at import": "import os; os._exit(0)",
    "killed at import": "import os, signal; os.kill(os.getpid(), signal.SIGKILL)",
    "exit in the call": "def count_words(text): raise SystemExit(0)",
    "hard exit in the call": "import os\ndef count_words(text): os._exit(0)",
    "hard exit at the end": "import atexit, os, sys\natexit.register(os._exit, 0)\ndef count_words(text): sys.exit(0)",
    "interrupt in the call": "def count_words(text): raise KeyboardInterrupt",
    "memory fault": "import ctypes\ndef count_words(text): ctypes.string_at(0)",
    # F03, F11: says that all is well, on every descriptor there is.
    "fake TAP": SPRAY + "def count_words(text): spray('TAP version 14\\n1..4\\nok 1 - a\\nok 2 - b\\nok 3 - c\\nok 4 - d\\n')",
    "fake JSON": SPRAY + "spray('{\"passed\": true}\\n')\ndef count_words(text): spray('{\"passed\": true}\\n')",
    "answers before it is asked": SPRAY + 'spray(\'["0000000000000000","value",["d"]]\\n\')\n' + WRONG,
    "answers in the call, twice": SPRAY + f"def count_words(text):\n    spray({ANSWER} * 2)\n    return {{}}",
    "answers itself and returns": SPRAY + f"def count_words(text):\n    spray({ANSWER})\n    return {{}}",
    "answers for ever": SPRAY + f"def count_words(text):\n    while True: spray({ANSWER})",
    "prints for ever": "def count_words(text):\n    while True: print('x' * 1000)",
    "one line for ever": "import sys\ndef count_words(text):\n    while True: sys.__stdout__.write('x' * 1000)",
    "an answer without an end": SPRAY + "def count_words(text):\n    while True: spray('[' * 1000)",
    # F04, F05: changes what is supposed to judge.
    "patched frameworks": """
import builtins, unittest, json
for name in dir(unittest.TestCase):
    if name.startswith("assert"):
        setattr(unittest.TestCase, name, lambda *_, **__: None)
unittest.TestResult.addFailure = unittest.TestResult.addError = unittest.TestResult.addSuccess
builtins.AssertionError = type("Fine", (BaseException,), {})
json.loads = json.dumps = lambda *_, **__: True
""" + WRONG,
    "patched worker": """
import gradus_data, gradus_worker
gradus_data.decode = gradus_worker.encode = lambda *_, **__: '["d","tea",1'
gradus_worker.Worker.answer = lambda self, line: '[true]'
""" + WRONG,
    "worker that confirms all": "import gradus_worker\ngradus_worker.ACTIONS.update({n: lambda *_: 'true' for n in gradus_worker.ACTIONS})\n" + WRONG,
    # F06: lies about what it is.
    **{
        f"always equal {base}": CLEVER.format(base=base) + f"def count_words(text): return Clever({value})"
        for base, value in (("object", ""), ("dict", ""), ("str", "'tea'"), ("int", "1"), ("list", ""), ("tuple", ""))
    },
    "always equal class": "class Same(type):\n    def __eq__(self, other): return True\n    __hash__ = None\nclass count_words(metaclass=Same):\n    def __init__(self, text): pass",
    "lies about its class": "class Lie:\n    __class__ = dict\n    def __eq__(self, other): return True\n    def items(self): return {}\ndef count_words(text): return Lie()",
    "dictionary that lies": "class Lie(dict):\n    def items(self): return [('tea', 1)]\n    def __iter__(self): return iter(['tea'])\n    __eq__ = lambda *_: True\ndef count_words(text): return Lie()",
    "equal keys": "class Key(str):\n    __eq__ = lambda *_: True\n    __hash__ = lambda _: 1\ndef count_words(text): return {Key('x'): 1}",
    "mock": "from unittest.mock import ANY, MagicMock\ndef count_words(text): return ANY",
    "not implemented": "def count_words(text): return NotImplemented",
    # F07: what test runners do not count as a failure.
    **{
        f"raises {name}": f"import unittest, importlib\ndef count_words(text): raise {name}"
        for name in ("unittest.SkipTest('x')", "GeneratorExit", "BaseException", "StopIteration", "StopAsyncIteration")
    },
    "raises a lookalike of pytest's": """
class Skipped(BaseException):
    __module__ = "_pytest.outcomes"
    msg = "x"; pytrace = False; allow_module_level = True
def count_words(text): raise Skipped
""",
    "raises what cannot be told": "class Odd(Exception):\n    def __str__(self): raise SystemExit(0)\n    args = property(lambda _: 1 / 0)\ndef count_words(text): raise Odd",
    "exits while it is explained": "import os\nclass Odd:\n    __repr__ = lambda _: os._exit(0)\ndef count_words(text): return Odd()",
    # F08: other modules in the place of known ones.
    "module replaced": """
import sys
class Any:
    def __getattr__(self, name): return self
    def __call__(self, *_, **__): return self
    def __eq__(self, other): return True
sys.modules[__name__] = Any()
""",
    "module that has everything": "class Yes:\n    __eq__ = lambda *_: True\ndef __getattr__(name): return lambda *_: Yes()",
    # F10: looks for what is expected.
    "searches memory": """
import gc, sys
def count_words(text):
    words = set(text.split())
    frame, found = sys._getframe(), gc.get_objects()
    while frame:
        found += frame.f_locals.values()
        frame = frame.f_back
    for value in found:
        if type(value) is dict and value and set(value) <= words and set(map(type, value.values())) == {int}:
            return value
    return {}
""",
    "searches processes": """
import os
def count_words(text):
    for number in filter(str.isdigit, os.listdir("/proc")):
        for name in ("environ", "cmdline", "mem"):
            try:
                with open(f"/proc/{number}/{name}", "rb") as file:
                    if number == str(os.getpid()) and b"expected" in file.read(65536): return eval(file.read())
            except (OSError, ValueError, SyntaxError): pass
    return {}
""",
    # Too much, too deep, without end.
    "huge": "def count_words(text): return 'x' * 20_000_000",
    "huge number": "def count_words(text): return 1 << 8_000_000",
    "deep": "def count_words(text):\n    made = {}\n    for _ in range(10_000): made = {'tea': made}\n    return made",
    "cyclic": "def count_words(text):\n    made = {}\n    made['tea'] = made\n    return made",
    "endless iteration": "class All(dict):\n    def items(self):\n        while True: yield 'tea', 1\ndef count_words(text): return All()",
    "hangs": "def count_words(text):\n    while True: pass",
    "hangs deaf": "import signal, time\nfor number in range(1, 65):\n    try: signal.signal(number, signal.SIG_IGN)\n    except (OSError, ValueError): pass\ndef count_words(text): time.sleep(60)",
    "recursion": "def count_words(text): return count_words(text)",
    # Other threads and processes.
    "thread answers later": SPRAY + """
import threading, time
def count_words(text):
    mine = '[' + request()[1:19] + ',"value",["d","tea",1]]\\n'
    threading.Thread(target=lambda: (time.sleep(0.01), spray(mine)), daemon=True).start()
    return {}
""",
    "child answers too": "import os\ndef count_words(text):\n    os.fork()\n    return {}",
    "child holds the line": "import os, time\ndef count_words(text):\n    if os.fork() == 0: time.sleep(60)\n    os._exit(0)",
    "closes every descriptor": "import os\ndef count_words(text): os.closerange(0, 256)",
    "closes and stays": "import os, time\ndef count_words(text):\n    os.closerange(0, 256)\n    time.sleep(60)",
    # Results that are none yet.
    "generator": "def count_words(text):\n    yield {}",
    "coroutine": "async def count_words(text): return {}",
    "class": "class count_words:\n    def __init__(self, text): pass\n    __eq__ = lambda *_: True",
    "data in place of the function": "count_words = {'tea': 1}",
}

# Seconds for a call of a row, and for all of it: late calls, and starting anew for each test on a busy machine.
CALL_SECONDS = 0.3
ROW_SECONDS = 60


def tests(word):
    """As a test file has them: found when the module is loaded, called later. `word` is new each time."""
    from wordcount import count_words

    def literal():
        assert count_words("tea milk tea") == {"tea": 2, "milk": 1}

    def unknown():
        assert count_words(f"{word} {word}") == {word: 2}

    def by_element():
        assert count_words("tea milk tea")["tea"] == 2

    def the_other_way_round():
        assert {"tea": 2, "milk": 1} == count_words("tea milk tea")

    def not_different():
        assert not count_words("tea milk tea") != {"tea": 2, "milk": 1}

    def sorted_pairs():
        assert sorted(count_words("milk tea tea").items()) == [("milk", 1), ("tea", 2)]

    def refused():
        try:
            count_words("!")
        except ValueError:
            return
        raise AssertionError("nothing was raised")

    return [literal, unknown, by_element, the_other_way_round, not_different, sorted_pairs, refused]


def outcomes(source):
    """Each test's own words for how it went; what ends a test run must not get through."""
    with Judge({"wordcount.py": source}) as judge:
        try:
            found = tests(secrets.token_hex(4))
        except Exception as why:
            return [f"import: {why}"]
        return [outcome(test) for test in found] + [len(judge.program.objects)]


def outcome(test):
    try:
        test()
    except Exception as why:
        return f"{type(why).__name__}: {why}"
    return "passed"


class Forging(unittest.TestCase):
    def setUp(self):
        self.printed = self.enterContext(contextlib.redirect_stdout(io.StringIO()))
        self.enterContext(contextlib.redirect_stderr(self.printed))

    def test_the_honest_program_passes(self):
        self.assertEqual(outcomes(HONEST)[:-1], ["passed"] * 7)

    def test_nothing_else_does(self):
        for name in ("CALL_SECONDS", "GRACE_SECONDS"):
            self.enterContext(mock.patch.object(gradus_program, name, CALL_SECONDS))
        for name, source in ROWS.items():
            with self.subTest(name):
                self.printed.truncate(0)
                begun = time.monotonic()
                self.assertNotIn("passed", outcomes(source), source)
                self.assertLess(time.monotonic() - begun, ROW_SECONDS)


if __name__ == "__main__":
    unittest.main()
