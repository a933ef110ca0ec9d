"""Counts the words of a text."""

PUNCTUATION = ".,;:!?\"'()"


def count_words(text):
    """Return a dictionary from each word of `text`, in lower case, to how often it occurs."""
    counts = {}
    for word in text.split(" "):
        counts[word] = 1
    return counts


def top_words(text, limit):
    """Return the `limit` most frequent words as pairs (word, count); equal counts in alphabetical order."""
    return []
