"""A till: what things cost (prices) and what was bought (receipt)."""
