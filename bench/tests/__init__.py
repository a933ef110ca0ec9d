"""Of what needs no Gradus: numbers, verdicts on them, table and plots."""
