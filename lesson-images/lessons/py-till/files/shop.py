"""A small shopping trip. Run it with: python3 shop.py"""

from till.prices import format_price, split
from till.receipt import Receipt

receipt = Receipt()
receipt.add("apple", "0.50", count=2)
receipt.add("bread", "3.20")
receipt.add("apple", "0.50")

print("\n".join(receipt.lines()))
print("for two:", [format_price(share) for share in split(receipt.total(), 2)])
