"""A pytest plugin that writes TAP 14 to GRADUS_REPORT while the tests run. Knows how to tell, not how to judge.

PYTEST_DONT_REWRITE: its own assertions need no help, and the root is read-only, so a rewritten copy would be
made again at every start.

A test's description is its name in words: `test_empty_text_has_no_words` becomes "empty text has no words". Each
result carries a YAML block with `message` (why it failed), `output` (what was printed) and `duration_ms`.
"""

import ast
import io
import os
import sys

import gradus_explain
import pytest

# Characters kept of what one test printed; the report as a whole is limited, and one loop with a print fills it.
MAX_OUTPUT = 4_000
# Characters one test may print before the rest goes to the run's own output, whose limit ends the run: a print in an
# endless loop is told as what it is, instead of filling the disk or the memory.
MAX_CAPTURED = 64_000
# Characters kept of one message; a comparison of two huge values helps nobody.
MAX_MESSAGE = 4_000


class Capture(io.TextIOBase):
    """Stands in for standard output and error. pytest's own capture has no bound."""

    def __init__(self):
        self.pieces = []
        self.size = 0

    def writable(self):
        return True

    def write(self, text):
        if self.size < MAX_CAPTURED:
            self.pieces.append(text)
            self.size += len(text)
        else:
            sys.__stdout__.write(text)
        return len(text)

    def take(self):
        """What was printed since the last time."""
        text = "".join(self.pieces)
        self.pieces, self.size = [], 0
        return text


class Reporter:
    def __init__(self, path):
        # Line-buffered: each result is on its way before the next test starts.
        self.file = open(path, "w", buffering=1, encoding="utf-8")
        self.number = 0
        self.current = None
        self.capture = Capture()
        self.line("TAP version 14")

    def line(self, text):
        self.file.write(text + "\n")

    def point(self, passed, description, directive="", **details):
        self.number += 1
        lines = [f"{'ok' if passed else 'not ok'} {self.number} - {escape(description)}{directive}", "  ---"]
        for key, value in details.items():
            lines += block(key, value)
        self.file.write("\n".join([*lines, "  ...", ""]))

    # What pytest calls.

    def pytest_sessionstart(self):
        """By now pytest has taken hold of the real output for its own progress marks."""
        sys.stdout = sys.stderr = self.capture

    def pytest_collectreport(self, report):
        """A file of tests that cannot be loaded is each of its tests failing, so that everyone sees which and why."""
        if report.failed:
            message = f"{report.nodeid} cannot be loaded.\n{gradus_explain.collection(report)}"
            for description in tests_in(report.nodeid) or [f"load {report.nodeid}"]:
                self.point(False, description, message=clip(message, MAX_MESSAGE))

    def pytest_collection_finish(self, session):
        self.line(f"1..{self.number + len(session.items)}")

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_makereport(self, item, call):
        report = (yield).get_result()
        if call.excinfo is not None and report.failed:
            report.gradus_message = gradus_explain.failure(item, call.excinfo)

    def pytest_runtest_logreport(self, report):
        """Called for set-up, test and tear-down in turn."""
        if report.when == "setup":
            self.current = Result()
        self.current.add(report)
        if report.when == "teardown":
            self.current.output = self.capture.take()
            self.current.tell(self, describe(report.nodeid))

    def pytest_unconfigure(self):
        self.file.close()


class Result:
    """The three phases of one test taken together."""

    def __init__(self):
        self.message = None
        self.skipped = False
        self.seconds = 0.0
        self.output = ""

    def add(self, report):
        self.seconds += report.duration
        self.skipped |= report.skipped
        if report.failed and self.message is None:
            self.message = getattr(report, "gradus_message", str(report.longrepr))

    def tell(self, reporter, description):
        details = {"duration_ms": round(self.seconds * 1000)}
        if self.message is not None:
            details["message"] = clip(self.message, MAX_MESSAGE)
        if self.output.strip():
            details["output"] = clip(self.output, MAX_OUTPUT)
        reporter.point(self.message is None, description, " # SKIP" if self.skipped else "", **details)


def tests_in(path):
    """What the tests in a file that cannot be loaded are called, in order."""
    try:
        with open(path, encoding="utf-8") as file:
            body = ast.parse(file.read()).body
    except (OSError, SyntaxError, ValueError):
        return []
    return [describe(node.name) for node in body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")]


def describe(nodeid):
    name = nodeid.rpartition("::")[2]
    words, bracket, case = name.removeprefix("test_").partition("[")
    return words.replace("_", " ") + (f" [{case}" if bracket else "")


def escape(description):
    return description.replace("\\", "\\\\").replace("#", "\\#")


def clip(text, limit):
    if len(text) <= limit:
        return text
    return f"{text[:limit]}\n… and {len(text) - limit} characters more"


def block(key, value):
    """`key: |-` and the text below it; numbers on one line."""
    if not isinstance(value, str):
        return [f"  {key}: {value}"]
    clean = "".join(c if c.isprintable() or c in "\n\t" else "\N{REPLACEMENT CHARACTER}" for c in value)
    return [f"  {key}: |-", *(f"    {line}".rstrip() for line in clean.strip("\n").split("\n"))]


def pytest_configure(config):
    config.pluginmanager.register(Reporter(os.environ["GRADUS_REPORT"]), "gradus-reporter")


def pytest_assertrepr_compare(op, left, right):
    return gradus_explain.comparison(op, left, right)
