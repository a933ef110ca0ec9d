"""Prices: whole cents inside, texts such as "12.50" outside. Knows nothing of what is bought."""


def parse_price(text):
    """Return the cents that a text such as "12.50", "12.5" or "12" stands for; ValueError for any other text."""
    return int(float(text) * 100)


def format_price(cents):
    """Return cents as a text with two digits after the dot."""
    return str(cents / 100)


def split(cents, people):
    """Return what each of `people` pays: shares that differ by at most one cent, larger ones first."""
    return [cents // people] * people
