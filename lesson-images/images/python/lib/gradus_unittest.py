"""Runs Python's own unittest for a lesson: `gradus-unittest tests` finds the tests in a folder, and tells each as it ends to
GRADUS_REPORT as TAP. Without GRADUS_REPORT, as when typed in a terminal, it is `python3 -m unittest discover`.
"""

import os
import sys
import time
import traceback
import unittest

from gradus_report import Capture, Report, describe


class Result(unittest.TestResult):
    def __init__(self, report):
        super().__init__()
        self.report, self.capture = report, Capture()

    def startTest(self, test):
        super().startTest(test)
        self.message, self.was_skipped, self.started = None, False, time.monotonic()
        sys.stdout = sys.stderr = self.capture

    def stopTest(self, test):
        sys.stdout, sys.stderr = sys.__stdout__, sys.__stderr__
        seconds = time.monotonic() - self.started
        self.report.test(description(test), self.message, self.capture.take(), seconds, self.was_skipped)
        super().stopTest(test)

    def addError(self, test, error):
        super().addError(test, error)
        if hasattr(test, "_testMethodName"):
            self.note(error)
        else:
            # What is set up for a whole class or file, and failed; none of its tests is run.
            self.report.point(False, str(test), message=explain(error))

    def addFailure(self, test, error):
        super().addFailure(test, error)
        self.note(error)

    def addSubTest(self, test, subtest, error):
        super().addSubTest(test, subtest, error)
        if error is not None:
            self.note(error, f"{subtest._subDescription()} ")

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self.was_skipped = True

    def addUnexpectedSuccess(self, test):
        super().addUnexpectedSuccess(test)
        self.message = "This test was expected to fail, and passed."

    def note(self, error, where=""):
        """The first thing that went wrong is what is told."""
        if self.message is None:
            self.message = where + explain(error)


def description(test):
    if isinstance(test, unittest.loader._FailedTest):
        return f"load {test._testMethodName}"
    return describe(test._testMethodName)


def explain(error):
    kind, value, trace = error
    text = str(value) if issubclass(kind, AssertionError) else f"{kind.__name__}: {value}"
    here = os.getcwd() + os.sep
    own = [step for step in traceback.extract_tb(trace) if step.filename.startswith(here)]
    return "\n".join([text, *(f"  {step.filename.removeprefix(here)}, line {step.lineno}: {step.line}" for step in own[-5:])])


def main():
    folder = sys.argv[1] if len(sys.argv) > 1 else "tests"
    path = os.environ.get("GRADUS_REPORT")
    if not path:
        return unittest.main(module=None, argv=["gradus-unittest", "discover", "-s", folder])
    report = Report(path)
    suite = unittest.defaultTestLoader.discover(folder)
    result = Result(report)
    suite.run(result)
    report.line(f"1..{report.number}")
    report.close()
    raise SystemExit(not result.wasSuccessful())


if __name__ == "__main__":
    main()
