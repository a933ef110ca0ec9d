"""TAP 14 on the way to GRADUS_REPORT, and the bounded capture of what tests print. Knows no test framework.

Each result carries a YAML block with `message` (why it failed), `output` (what was printed) and `duration_ms`.
"""

import io
import sys

# Characters kept of what one test printed; the report as a whole is limited, and one loop with a print fills it.
MAX_OUTPUT = 4_000
# Characters one test may print before the rest goes to the run's own output, whose limit ends the run: a print in an
# endless loop is told as what it is, instead of filling the disk or the memory.
MAX_CAPTURED = 64_000
# Characters kept of one message; a comparison of two huge values helps nobody.
MAX_MESSAGE = 4_000


class Capture(io.TextIOBase):
    """Stands in for standard output and error. The frameworks' own have no bound."""

    def __init__(self):
        self.pieces = []
        self.size = 0

    def writable(self):
        return True

    def write(self, text):
        if self.size < MAX_CAPTURED:
            self.pieces.append(text)
            self.size += len(text)
        else:
            sys.__stdout__.write(text)
        return len(text)

    def take(self):
        """What was printed since the last time."""
        text = "".join(self.pieces)
        self.pieces, self.size = [], 0
        return text


class Report:
    def __init__(self, path):
        # Line-buffered: each result is on its way before the next test starts.
        self.file = open(path, "w", buffering=1, encoding="utf-8")
        self.number = 0
        self.line("TAP version 14")

    def line(self, text):
        self.file.write(text + "\n")

    def point(self, passed, description, directive="", **details):
        self.number += 1
        lines = [f"{'ok' if passed else 'not ok'} {self.number} - {escape(description)}{directive}", "  ---"]
        for key, value in details.items():
            lines += block(key, value)
        self.file.write("\n".join([*lines, "  ...", ""]))

    def test(self, description, message, output, seconds, skipped):
        """One test that has ended; it passed when there is no message."""
        details = {"duration_ms": round(seconds * 1000)}
        if message is not None:
            details["message"] = clip(message, MAX_MESSAGE)
        if output.strip():
            details["output"] = clip(output, MAX_OUTPUT)
        self.point(message is None, description, " # SKIP" if skipped else "", **details)

    def close(self):
        self.file.close()


def describe(name):
    """A test's name in words: `test_empty_text_has_no_words` becomes "empty text has no words"."""
    words, bracket, case = name.removeprefix("test_").partition("[")
    return words.replace("_", " ") + (f" [{case}" if bracket else "")


def escape(description):
    return description.replace("\\", "\\\\").replace("#", "\\#")


def clip(text, limit):
    if len(text) <= limit:
        return text
    return f"{text[:limit]}\n… and {len(text) - limit} characters more"


def block(key, value):
    """`key: |-` and the text below it; numbers on one line."""
    if not isinstance(value, str):
        return [f"  {key}: {value}"]
    clean = "".join(c if c.isprintable() or c in "\n\t" else "\N{REPLACEMENT CHARACTER}" for c in value)
    return [f"  {key}: |-", *(f"    {line}".rstrip() for line in clean.strip("\n").split("\n"))]
