"""Prices: whole cents inside, texts such as "12.50" outside. Knows nothing of what is bought."""

import re

PRICE = re.compile(r"([0-9]+)(?:\.([0-9]{1,2}))?")


def parse_price(text):
    """Return the cents that a text such as "12.50", "12.5" or "12" stands for; ValueError for any other text."""
    found = PRICE.fullmatch(text.strip())
    if not found:
        raise ValueError(f"not a price: {text!r}")
    whole, fraction = found.groups(default="")
    return int(whole) * 100 + int(fraction.ljust(2, "0"))


def format_price(cents):
    """Return cents as a text with two digits after the dot."""
    return f"{cents // 100}.{cents % 100:02}"


def split(cents, people):
    """Return what each of `people` pays: shares that differ by at most one cent, larger ones first."""
    share, left = divmod(cents, people)
    return [share + 1] * left + [share] * (people - left)
