"""What gradus-unittest tells of tests that pass, fail, are skipped, or cannot be run. Run with the tools' other tests."""

import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

LIBRARY = pathlib.Path(__file__).resolve().parent.parent / "images/python/lib"

TESTS = """
import unittest, answer

class Words(unittest.TestCase):
    def test_good_one(self):
        print("printed")
        self.assertEqual(answer.more(1), 2)
    def test_wrong_one(self): self.assertEqual(answer.more(1), 3)
    def test_broken_one(self): answer.less()
    @unittest.skip("later")
    def test_skipped_one(self): pass
    def test_parts(self):
        for part in range(3):
            with self.subTest(part=part): self.assertEqual(part, 0)
    @unittest.expectedFailure
    def test_fails_as_expected(self): self.fail()
    @unittest.expectedFailure
    def test_passes_unexpectedly(self): pass

class Never(unittest.TestCase):
    @classmethod
    def setUpClass(cls): raise OSError("no disk")
    def test_never(self): pass
"""

ENDS_EARLY = "import os\nos._exit(0)\n"


class Unittest(unittest.TestCase):
    def told(self, answer, **tests):
        """The report's points as (passed, description), its text, and the exit code."""
        with tempfile.TemporaryDirectory() as scratch:
            folder = pathlib.Path(scratch)
            (folder / "tests").mkdir()
            (folder / "answer.py").write_text(answer)
            for name, text in tests.items():
                (folder / f"tests/{name}.py").write_text(text)
            environment = {**os.environ, "PYTHONPATH": str(LIBRARY), "GRADUS_REPORT": str(folder / "report")}
            command = [sys.executable, "-B", "-m", "gradus_unittest", "tests"]
            done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
            report = (folder / "report").read_text()
        points = re.findall(r"^(ok|not ok) \d+ - (.*)$", report, re.MULTILINE)
        return [(how == "ok", what) for how, what in points], report, done.returncode

    def test_each_test_is_told_once_as_what_it_is(self):
        points, report, code = self.told("def more(x): return x + 1\n", test_words=TESTS, test_lost="import nowhere\n")
        expected = {
            (True, "good one"),
            (False, "wrong one"),
            (False, "broken one"),
            (True, "skipped one # SKIP"),
            (False, "parts"),
            (True, "fails as expected"),
            (False, "passes unexpectedly"),
            (False, "setUpClass (test_words.Never)"),
            (False, "load test_lost"),
        }
        self.assertEqual((set(points), len(points)), (expected, len(expected)))
        for said in ["2 != 3", "has no attribute 'less'", "(part=1) 1 != 0", "no disk", "No module named 'nowhere'", "printed"]:
            self.assertIn(said, report)
        self.assertIn(f"\n1..{len(expected)}\n", report)
        self.assertEqual(code, 1)

    def test_all_well_is_exit_code_0(self):
        tests = "import unittest, answer\nclass A(unittest.TestCase):\n    def test_it(self): answer.more(1)\n"
        points, _, code = self.told("def more(x): return x\n", test_a=tests)
        self.assertEqual((points, code), ([(True, "it")], 0))

    def test_an_early_end_leaves_no_plan(self):
        points, report, _ = self.told(ENDS_EARLY, test_words=TESTS)
        self.assertEqual((points, "1.." in report), ([], False))


if __name__ == "__main__":
    unittest.main()
