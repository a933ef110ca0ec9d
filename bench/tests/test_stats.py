import unittest

from bench import stats


class Percentiles(unittest.TestCase):
    def test_lie_between_the_nearest_ranks(self):
        rows = [([5], 0.9, 5), ([1, 2, 3, 4], 0.5, 2.5), ([4, 3, 2, 1], 0.0, 1), ([1, 2, 3, 4], 1.0, 4), (range(101), 0.99, 99)]
        for values, share, expected in rows:
            with self.subTest(values=values, share=share):
                self.assertAlmostEqual(stats.percentile(list(values), share), expected)

    def test_of_nothing_there_are_none(self):
        with self.assertRaises(ValueError):
            stats.percentile([], 0.5)


class Ratios(unittest.TestCase):
    def test_compare_medians_so_that_one_outlier_changes_nothing(self):
        self.assertEqual(stats.ratio([1, 2, 3], [4, 4, 4_000]), 0.5)

    def test_their_interval_holds_them_and_is_the_same_every_time(self):
        ours, theirs = [10 + number % 5 for number in range(30)], [20 + number % 7 for number in range(30)]
        low, high = stats.ratio_interval(ours, theirs)
        self.assertLessEqual(low, stats.ratio(ours, theirs))
        self.assertGreaterEqual(high, stats.ratio(ours, theirs))
        self.assertEqual((low, high), stats.ratio_interval(ours, theirs))

    def test_samples_that_differ_more_make_it_wider(self):
        def width(values):
            low, high = stats.ratio_interval(values, [10] * 20)
            return high - low

        self.assertGreater(width([1, 19] * 10 + [10]), width([9, 11] * 10 + [10]))
