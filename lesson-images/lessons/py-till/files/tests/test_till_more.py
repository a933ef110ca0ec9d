"""The same rules with other goods."""

import pytest

from till.prices import format_price, parse_price, split
from till.receipt import Receipt


def test_prices_up_to_a_hundred_survive_the_round_trip():
    # 13 divides neither 10 nor 100, so that every ending comes up; each price is two calls to another container.
    for cents in range(0, 10_001, 13):
        assert parse_price(format_price(cents)) == cents


def test_white_space_around_a_price_is_allowed():
    assert parse_price("  3.05\n") == 305


def test_signs_and_words_are_no_prices():
    for text in [".", "1e3", "+1", "1,50", "1 000", "1.5.0", "nan", "inf"]:
        with pytest.raises(ValueError):
            parse_price(text)
            pytest.fail(f"parse_price({text!r}) raised nothing")


def test_shares_are_fair_for_any_number_of_people():
    for people in range(1, 40):
        shares = split(997, people)
        assert len(shares) == people
        assert sum(shares) == 997
        assert max(shares) - min(shares) <= 1
        assert shares == sorted(shares, reverse=True)


def test_an_empty_receipt_has_a_total_line():
    assert Receipt().lines() == ["TOTAL                     0.00"]


def test_the_same_name_at_another_price_is_another_line():
    receipt = Receipt()
    receipt.add("tea", "2.00")
    receipt.add("tea", "2.50")
    assert receipt.lines() == [
        "tea x 1                   2.00",
        "tea x 1                   2.50",
        "TOTAL                     4.50",
    ]


def test_two_receipts_know_nothing_of_each_other():
    first, second = Receipt(), Receipt()
    first.add("tea", "2.00")
    assert second.total() == 0
