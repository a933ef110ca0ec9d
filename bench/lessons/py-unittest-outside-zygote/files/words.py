def count(text):
    """How often each word occurs in `text`."""
    return {}
