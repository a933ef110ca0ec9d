"""What the API accepts when a crowd asks at once, each answer given only when what it did is durable: hand-ins, and saves of a
file (the smallest thing that appends an event). On SQLite and on PostgreSQL with `fsync` on, by turns of 1,000 requests on 64
connections. Client and server share the processors."""

import json
import pathlib
import subprocess
import tempfile

from ..claims import Claim, number, spread
from ..machine import fsync_rate
from ..peers.postgres import Postgres
from ..samples import Samples, first_line
from ..stats import percentile, summarise

ROUNDS = 10
REQUESTS = 1_000
CONNECTIONS = 64
KINDS = {"hand_in": "hand-ins", "save": "event appends"}
TIMEOUT_SECONDS = 240


def measure(context):
    samples = Samples("store", unit="/s")
    samples.notes["fsyncs_per_second"] = round(fsync_rate(context.work))
    with tempfile.TemporaryDirectory(dir=context.work) as folder:
        load(context, samples, "SQLite", f"sqlite://{pathlib.Path(folder, 'gradus.db')}")
    try:
        with Postgres(context.work) as postgres:
            load(context, samples, "PostgreSQL", postgres.url)
    except Exception as why:  # noqa: BLE001 (SQLite's figures stand)
        samples.missing |= {f"Gradus on PostgreSQL, {what}": first_line(why) for what in KINDS.values()}
    return samples


def load(context, samples, name, database):
    lesson = context.root / "bench" / "lessons" / "py-unittest"
    size = {"requests": 200 if context.short else REQUESTS, "rounds": context.rounds(ROUNDS), "connections": CONNECTIONS}
    command = [str(context.driver_binary), "store", "--database", database, "--lesson", str(lesson)]
    waited = context.quiet.wait()
    said = subprocess.run(
        [*command, *(word for key, value in size.items() for word in (f"--{key}", str(value)))],
        capture_output=True,
        text=True,
        timeout=TIMEOUT_SECONDS,
    )
    if said.returncode:
        for what in KINDS.values():
            samples.missing[f"Gradus on {name}, {what}"] = said.stderr.strip()[-300:]
        return
    answers = {what: [] for what in KINDS.values()}
    for line in said.stdout.splitlines():
        round_ = json.loads(line)
        what = KINDS[round_["kind"]]
        samples.add(f"Gradus on {name}, {what}", len(round_["micros"]) / round_["seconds"], waited)
        answers[what] += round_["micros"]
    for what, micros in answers.items():
        ranked = sorted(micros)
        samples.notes[f"Gradus on {name}, {what}: p99_ms"] = round(percentile(ranked, 0.99) / 1000, 2)
        samples.notes[f"Gradus on {name}, {what}: median_ms"] = round(percentile(ranked, 0.5) / 1000, 2)


def rate(route, least, p99_most):
    def judge(samples):
        summary = summarise(samples.of(route))
        p99 = samples.notes[f"{route}: p99_ms"]
        beside = f"{summary.median / samples.notes['fsyncs_per_second']:.2f} of the fsync rate ({number(samples.notes['fsyncs_per_second'])}/s)"
        measured = f"{number(summary.median)} /s, p99 of an answer {number(p99)} ms"
        return measured, spread(summary), beside, summary.median >= least and p99 <= p99_most

    return judge


CLAIMS = [
    Claim(f"{what} accepted/s, {name}, durable", "≥ 2,000/s, p99 ≤ 50 ms", rate(f"Gradus on {name}, {what}", 2_000, 50))
    for name in ("SQLite", "PostgreSQL")
    for what in KINDS.values()
]
PLOT = ("Accepted and durable per second", "/s")
