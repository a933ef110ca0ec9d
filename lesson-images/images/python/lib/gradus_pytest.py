"""Runs pytest for a lesson: results go to GRADUS_REPORT as TAP, one by one, as they become known (gradus_tap.py).
Without GRADUS_REPORT, as when typed in a terminal, it is ordinary pytest.
"""

import os
import sys

# Ours, so that a file of the learner's cannot change the run.
SETTINGS = "/usr/local/lib/gradus/pytest.ini"
OPTIONS = ["-p", "no:cacheprovider", "-c", SETTINGS, "--rootdir", "."]
# The report says what failed and why; a second copy on the screen would show the text of hidden tests.
# No capture: the plugin has one with a bound. A file that cannot be loaded does not keep the others from running.
REPORTING = "-p gradus_tap --capture=no --continue-on-collection-errors --color=no --tb=no --no-header --no-summary --quiet --quiet".split()


def main():
    # Plugins are named here or not at all: one that describes itself in the learner's folder is not looked for.
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    options = OPTIONS
    if os.environ.get("GRADUS_REPORT"):
        # The way to ask pytest not to shorten explanations to eight lines (gradus_tap.py has its own, longer limit).
        os.environ["CI"] = "true"
        options = REPORTING + OPTIONS
    sys.argv[1:1] = options
    import pytest

    raise SystemExit(pytest.console_main())


if __name__ == "__main__":
    main()
