"""Counts the words of a text."""

PUNCTUATION = ".,;:!?\"'()"


def count_words(text):
    """Return a dictionary from each word of `text`, in lower case, to how often it occurs."""
    counts = {}
    for piece in text.lower().split():
        word = piece.strip(PUNCTUATION)
        if word:
            counts[word] = counts.get(word, 0) + 1
    return counts


def top_words(text, limit):
    """Return the `limit` most frequent words as pairs (word, count); equal counts in alphabetical order."""
    pairs = count_words(text).items()
    return sorted(pairs, key=lambda pair: (-pair[1], pair[0]))[:limit]
