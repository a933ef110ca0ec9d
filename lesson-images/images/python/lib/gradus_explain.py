"""Says in a few lines why a test failed: what it asked, what came back, what was expected. Knows nothing of reports.

By convention the tests of our lessons write `assert <what the learner's code gives> == <what is expected>`.
"""

import difflib
import os
import pprint

WIDTH = 88
# Lines of a difference that are shown.
MAX_DIFFERENCE = 30
# Steps of a call chain that are shown at each end; a recursion without end has a thousand.
SHOWN_STEPS = 3


def comparison(op, left, right):
    """For pytest's hook of the same purpose; the empty first line is where pytest puts the word `assert`."""
    if op != "==":
        return None
    got, expected = shown(left), shown(right)
    if isinstance(left, str) and isinstance(right, str) and "\n" in left + right:
        return ["", *difference(left, right)]
    if "\n" in got + expected:
        return ["", "got:", *indented(got), "expected:", *indented(expected)]
    if got == expected:
        got += f"   ({type(left).__name__})"
        expected += f"   ({type(right).__name__})"
    return ["", f"got:      {got}", f"expected: {expected}"]


def failure(item, excinfo):
    if excinfo.errisinstance(AssertionError):
        return "\n".join([*asked(item, excinfo), *assertion(str(excinfo.value))])
    if excinfo.typename == "Failed":  # pytest.fail() and `with pytest.raises(…)` that saw nothing raised
        return did_not_raise(str(excinfo.value))
    # Notes: the steps of a program that runs elsewhere (gradus_stand_in.py), whose errors are told in whole sentences.
    notes = map(str, getattr(excinfo.value, "__notes__", ()))
    said = str(excinfo.value) if excinfo.typename == "ProgramError" else f"{excinfo.typename}: {excinfo.value}"
    return "\n".join([said, *steps(own(excinfo.traceback)), *notes])


def collection(report):
    """The last line of what Python said while loading a file: `ImportError: cannot import name …`."""
    lines = [line.removeprefix("E").strip() for line in str(report.longrepr).splitlines() if line.startswith("E")]
    return "\n".join(lines) or str(report.longrepr)


def asked(item, excinfo):
    """The statement of the test that did not hold, if it is in the test and not in something it called."""
    inside = [entry for entry in excinfo.traceback if str(entry.path) == str(item.path)]
    if not inside or inside[-1] is not excinfo.traceback[-1]:
        return []
    first, *more = str(inside[-1].statement).strip().split("\n")
    if not first.startswith("assert"):
        return []
    # What a long statement expects is shown below it in full.
    return [f"{first.rstrip('([{')}…" if more else first]


def assertion(text):
    """pytest's explanation, without the word `assert` and what only repeats it."""
    lines = text.split("\n")
    lines[0] = lines[0].removeprefix("assert").strip()
    return [line.removeprefix("  ") for line in lines if line.strip()]


def did_not_raise(text):
    name = text.removeprefix("DID NOT RAISE <class '").removesuffix("'>").rpartition(".")[2]
    return f"expected {name} to be raised, but nothing was raised" if text.startswith("DID NOT RAISE") else text


def own(traceback):
    """The steps through the workspace; those through Python's and pytest's files say nothing to a learner."""
    here = os.getcwd() + os.sep
    return [entry for entry in traceback if str(entry.path).startswith(here)]


def steps(entries):
    lines = [where(entry) for entry in entries]
    left_out = len(lines) - 2 * SHOWN_STEPS
    if left_out <= 1:
        return lines
    return [*lines[:SHOWN_STEPS], f"  … {left_out} steps more …", *lines[-SHOWN_STEPS:]]


def where(entry):
    path = os.path.relpath(str(entry.path))
    return f"  {path}, line {entry.lineno + 1}, in {entry.name}: {str(entry.statement).strip()}"


def shown(value):
    if isinstance(value, str):
        return repr(value)
    return pprint.pformat(value, width=WIDTH, sort_dicts=False)


def indented(text):
    return [f"    {line}" for line in text.split("\n")]


def difference(got, expected):
    """Line by line, for texts: what came and should not have (-), and what is missing (+)."""
    lines = difflib.ndiff(got.splitlines(), expected.splitlines())
    kept = [line.rstrip() for line in lines if not line.startswith("?")]
    rest = [f"… and {len(kept) - MAX_DIFFERENCE} lines more"] if len(kept) > MAX_DIFFERENCE else []
    return ["lines with - came but are not expected, lines with + are missing:", *kept[:MAX_DIFFERENCE], *rest]
