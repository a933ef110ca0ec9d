import pathlib
import tempfile
import unittest
import xml.etree.ElementTree as ElementTree
from types import SimpleNamespace

from bench import claims, quiet
from bench.render import page
from bench.render.plot import plot, waterfall
from bench.samples import Samples, one_line_lists

ROUTES = {"Gradus": [1.0, 2.0, 3.0], "a < b & c": [100.0, 200.0, 300.0]}


class Plots(unittest.TestCase):
    def test_are_xml_with_every_route_named_and_the_same_every_time(self):
        drawn = plot("Verdicts", "ms", ROUTES)
        words = [text.text for text in ElementTree.fromstring(drawn).iter("{http://www.w3.org/2000/svg}text")]
        self.assertIn("a < b & c", words)
        self.assertEqual(drawn, plot("Verdicts", "ms", ROUTES))

    def test_stay_within_their_frame(self):
        for routes in (ROUTES, {"one": [5.0]}, {"zero": [0.0, 0.0]}, {"near": [10.0, 11.0], "far": [19.0]}, {"none": [], "some": [1.0]}):
            for bar in ElementTree.fromstring(plot("t", "ms", routes)).iter("{http://www.w3.org/2000/svg}rect"):
                self.assertLessEqual(float(bar.get("x")) + float(bar.get("width")), 860)

    def test_of_nothing_there_is_none(self):
        self.assertIsNone(plot("t", "ms", {"a": []}))
        self.assertIsNone(waterfall("t", "ms", {"a": []}))

    def test_of_steps_begin_where_the_step_before_ended(self):
        drawn = ElementTree.fromstring(waterfall("A key", "ms", {"there": [1.0], "and back": [2.0], "in all": [3.0]}))
        bars = [(float(bar.get("x")), float(bar.get("width"))) for bar in drawn.iter("{http://www.w3.org/2000/svg}rect")]
        (first, width), (second, _), (whole, all_of_it) = bars
        self.assertAlmostEqual(first + width, second, delta=0.2)
        self.assertEqual(whole, first)
        self.assertAlmostEqual(all_of_it, 3 * width, delta=0.4)


class Pages(unittest.TestCase):
    def test_keep_what_people_wrote_and_replace_what_was_generated(self):
        family = SimpleNamespace(CLAIMS=[claims.Claim("fast", "≤ 5 ms", claims.at_most("Gradus", 5))], PLOT=("Verdicts", "ms"))
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            (folder / "samples").mkdir()
            (folder / page.PAGE).write_text(f"# Ours\n\nbefore\n\n{page.BEGIN}\nold\n{page.END}\n\nafter\n")
            samples = Samples("verdict")
            samples.extend("Gradus", [1, 2, 3])
            samples.write(folder / "samples")
            (outcome,) = page.render(folder, {"verdict": family})
            first = (folder / page.PAGE).read_text()
            page.render(folder, {"verdict": family})
            self.assertEqual(first, (folder / page.PAGE).read_text())
            self.assertTrue((folder / "verdict.svg").exists())
        self.assertTrue(outcome.met)
        self.assertTrue(first.startswith("# Ours\n\nbefore\n") and first.endswith("after\n"))
        self.assertIn("| fast | ≤ 5 ms | 2 ms |", first)
        self.assertNotIn("old", first)

    def test_say_so_when_the_machine_was_busy(self):
        family = SimpleNamespace(CLAIMS=[], PLOT=("Verdicts", "ms"))
        for load, said in ((0.05, False), (0.9, True)):
            with tempfile.TemporaryDirectory() as folder:
                folder = pathlib.Path(folder)
                (folder / "samples").mkdir()
                samples = Samples("verdict")
                samples.add("Gradus", 1.0, load)
                samples.write(folder / "samples")
                page.render(folder, {"verdict": family})
                self.assertEqual(page.BUSY in (folder / page.PAGE).read_text(), said)

    def test_without_its_marks_a_page_is_left_alone(self):
        with self.assertRaises(ValueError):
            page.between("# A page of its own\n", "table")


class Kept(unittest.TestCase):
    def test_samples_come_back_as_they_were_written_a_route_a_line(self):
        samples = Samples("family", notes={"why": "[not a list"})
        samples.add("Gradus", 12.34567, 0.051)
        samples.add("Gradus", 0.000123456)
        with tempfile.TemporaryDirectory() as folder:
            samples.write(folder)
            path = pathlib.Path(folder, "family.json")
            self.assertIn('"Gradus": [12.35, 0.0001235]', path.read_text())
            self.assertEqual(Samples.read(path), samples)

    def test_only_lists_are_put_on_one_line(self):
        self.assertEqual(one_line_lists('{\n "a": [\n  1,\n  2\n ]\n}'), '{\n "a": [1, 2]\n}')


class Load(unittest.TestCase):
    def test_is_what_was_neither_idle_nor_waiting_for_a_disk(self):
        self.assertEqual(quiet.busy_ticks("cpu  1 2 3 40 50 6 7 8 0 0\ncpu0 …"), (27, 117))
