import unittest

from words import count


class Words(unittest.TestCase):
    def test_an_empty_text(self):
        self.assertEqual(count(""), {})

    def test_one_word(self):
        self.assertEqual(count("tea"), {"tea": 1})

    def test_repeated_words(self):
        self.assertEqual(count("tea for tea"), {"tea": 2, "for": 1})

    def test_case(self):
        self.assertEqual(count("Tea tea TEA"), {"tea": 3})

    def test_punctuation(self):
        self.assertEqual(count("tea, please: tea."), {"tea": 2, "please": 1})
