"""A receipt: what was bought, and the lines that are printed. Leaves the spelling of prices to `prices`."""

from till.prices import format_price, parse_price


class Receipt:
    def __init__(self):
        self.counts = {}  # (name, cents) -> pieces; dictionaries keep the order of first insertion

    def add(self, name, price, count=1):
        """Note `count` pieces of `name` at `price` (a text such as "0.50") each."""
        article = (name, parse_price(price))
        self.counts[article] = self.counts.get(article, 0) + count

    def total(self):
        """Return the sum in cents."""
        return sum(cents * count for (_, cents), count in self.counts.items())

    def lines(self):
        """Return the lines of the receipt, the last one with the total."""
        articles = [line(f"{name} x {count}", cents * count) for (name, cents), count in self.counts.items()]
        return [*articles, line("TOTAL", self.total())]


def line(left, cents):
    return f"{left:<20}{format_price(cents):>10}"
