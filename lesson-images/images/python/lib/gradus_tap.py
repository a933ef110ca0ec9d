"""A pytest plugin that writes TAP 14 to GRADUS_REPORT while the tests run (gradus_report.py). Knows how to tell, not how
to judge.

PYTEST_DONT_REWRITE: its own assertions need no help, and the root is read-only, so a rewritten copy would be
made again at every start.
"""

import ast
import os
import sys

import gradus_explain
import gradus_report
import pytest
from gradus_report import MAX_MESSAGE, Capture, clip


class Reporter(gradus_report.Report):
    def __init__(self, path):
        super().__init__(path)
        self.current = None
        self.capture = Capture()

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
            self.current.tell(self, describe(report.nodeid), self.capture.take())

    def pytest_unconfigure(self):
        self.close()


class Result:
    """The three phases of one test taken together."""

    def __init__(self):
        self.message = None
        self.skipped = False
        self.seconds = 0.0

    def add(self, report):
        self.seconds += report.duration
        self.skipped |= report.skipped
        if report.failed and self.message is None:
            self.message = getattr(report, "gradus_message", str(report.longrepr))

    def tell(self, report, description, output):
        report.test(description, self.message, output, self.seconds, self.skipped)


def tests_in(path):
    """What the tests in a file that cannot be loaded are called, in order."""
    try:
        with open(path, encoding="utf-8") as file:
            body = ast.parse(file.read()).body
    except (OSError, SyntaxError, ValueError):
        return []
    return [describe(node.name) for node in body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")]


def describe(nodeid):
    return gradus_report.describe(nodeid.rpartition("::")[2])


def pytest_configure(config):
    config.pluginmanager.register(Reporter(os.environ["GRADUS_REPORT"]), "gradus-reporter")


def pytest_assertrepr_compare(op, left, right):
    return gradus_explain.comparison(op, left, right)
