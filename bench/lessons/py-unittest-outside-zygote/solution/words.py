def count(text):
    """How often each word occurs in `text`."""
    words = (word.strip(".,;:!?").lower() for word in text.split())
    counts = {}
    for word in filter(None, words):
        counts[word] = counts.get(word, 0) + 1
    return counts
