"""A receipt: what was bought, and the lines that are printed. Leaves the spelling of prices to `prices`."""

from till.prices import format_price, parse_price


class Receipt:
    def __init__(self):
        pass

    def add(self, name, price, count=1):
        """Note `count` pieces of `name` at `price` (a text such as "0.50") each."""

    def total(self):
        """Return the sum in cents."""
        return 0

    def lines(self):
        """Return the lines of the receipt, the last one with the total."""
        return []
