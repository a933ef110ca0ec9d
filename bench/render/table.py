"""The table of goals, as Markdown."""

HEADER = ["goal", "bar", "measured (median)", "p90 / p99", "ratio", "met"]
MET = {True: "met", False: "**missed**", None: "–"}


def table(outcomes):
    rows = [HEADER, ["---"] * len(HEADER)]
    for one in outcomes:
        met = MET[one.met] + (f": {one.remark}" if one.remark else "")
        rows.append([one.goal, one.bar, one.measured, one.spread, one.ratio, met])
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows)


def machine(facts):
    named = {
        "taken": "taken",
        "commit": "commit",
        "cpu": "processor",
        "cores": "cores",
        "memory_gib": "memory, GiB",
        "kernel": "kernel",
        "cgroup": "control groups",
        "engine": "engine",
        "runtime": "runtime",
        "runtime_version": "versions",
        "fsyncs_per_second": "durable 4 KiB appends (fsync) per second",
        "background": "background load before a sample, median",
        "cut_short": "cut short",
    }
    return "\n".join(f"- {words}: {facts[key]}" for key, words in named.items() if key in facts)
