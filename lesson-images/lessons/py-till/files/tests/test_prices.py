"""Prices, by themselves."""

import pytest

from till.prices import format_price, parse_price, split


def test_a_price_with_two_digits_is_read_exactly():
    assert parse_price("12.50") == 1250
    assert parse_price("0.29") == 29


def test_a_price_may_have_one_digit_or_none_after_the_dot():
    assert parse_price("12.5") == 1250
    assert parse_price("12") == 1200


def test_what_is_no_price_raises_ValueError():
    for text in ["", "free", "1.234", "-1.00", "1."]:
        with pytest.raises(ValueError):
            parse_price(text)
            pytest.fail(f"parse_price({text!r}) raised nothing")


def test_cents_are_written_with_two_digits():
    assert format_price(1250) == "12.50"
    assert format_price(5) == "0.05"


def test_shares_that_do_not_come_out_even_still_add_up():
    assert split(100, 3) == [34, 33, 33]
