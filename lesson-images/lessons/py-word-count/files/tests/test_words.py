"""The rules of the lesson, one test each."""

from wordcount import count_words, top_words


def test_one_word_is_counted_once():
    assert count_words("tea") == {"tea": 1}


def test_repeated_words_add_up():
    assert count_words("tea milk tea") == {"tea": 2, "milk": 1}


def test_upper_and_lower_case_are_the_same():
    assert count_words("Tea TEA tea") == {"tea": 3}


def test_any_white_space_separates_words():
    assert count_words("tea  milk\nsugar\ttea") == {"tea": 2, "milk": 1, "sugar": 1}


def test_punctuation_around_a_word_is_not_part_of_it():
    assert count_words('"Tea," (please). More tea!') == {"tea": 2, "please": 1, "more": 1}


def test_an_apostrophe_inside_a_word_stays():
    assert count_words("Don't say 'don't'.") == {"don't": 2, "say": 1}


def test_the_most_frequent_word_comes_first():
    assert top_words("b a b c a b", 2) == [("b", 3), ("a", 2)]


def test_words_that_tie_come_in_alphabetical_order():
    assert top_words("pear apple fig", 3) == [("apple", 1), ("fig", 1), ("pear", 1)]
