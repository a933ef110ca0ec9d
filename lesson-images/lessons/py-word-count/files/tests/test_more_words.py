"""The same rules with other texts."""

import string

from wordcount import count_words, top_words


def test_an_empty_text_has_no_words():
    assert count_words("") == {}
    assert count_words(" \n\t ") == {}


def test_lone_punctuation_is_no_word():
    assert count_words("wait ... what ? !") == {"wait": 1, "what": 1}


def test_a_long_text_is_counted_in_full():
    words = [letter * 3 for letter in string.ascii_lowercase]
    text = ", ".join(word for number, word in enumerate(words, start=1) for _ in range(number * 20))
    assert count_words(text) == {word: number * 20 for number, word in enumerate(words, start=1)}


def test_calls_do_not_remember_earlier_ones():
    count_words("tea tea tea")
    assert count_words("tea") == {"tea": 1}


def test_ties_below_the_first_place_are_in_order_too():
    text = "kiwi lime kiwi fig lime date kiwi"
    assert top_words(text, 4) == [("kiwi", 3), ("lime", 2), ("date", 1), ("fig", 1)]


def test_a_limit_beyond_the_words_gives_them_all():
    assert top_words("one two", 10) == [("one", 1), ("two", 1)]


def test_a_limit_of_zero_gives_nothing():
    assert top_words("one two", 0) == []
