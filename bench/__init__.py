"""The benchmark: what a learner waits for and what waiting costs, beside peers, in one run. See README.md."""
