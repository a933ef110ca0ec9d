"""Runs the tests beside it and reports TAP to GRADUS_REPORT. Standard library only, as the bare process it is compared with."""

import os
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))


class Tap(unittest.TestResult):
    def startTestRun(self):
        self.report = open(os.environ.get("GRADUS_REPORT", os.devnull), "w", buffering=1, encoding="utf-8")

    def addSuccess(self, test):
        self.report.write(f"ok {self.testsRun} - {test._testMethodName}\n")

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self.report.write(f"not ok {self.testsRun} - {test._testMethodName}\n")

    addError = addFailure


sys.path[:0] = [os.path.dirname(HERE), HERE]
suite = unittest.defaultTestLoader.loadTestsFromName("test_words")
result = Tap()
result.startTestRun()
suite.run(result)
result.report.write(f"1..{result.testsRun}\n")
sys.exit(not result.wasSuccessful())
