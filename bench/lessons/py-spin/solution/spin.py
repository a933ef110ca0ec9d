"""Keeps one processor busy until its time is up."""

while True:
    pass
