"""`python -m bench [ROW…]`: measures, keeps the samples, writes docs/benchmarks anew. `make bench` prepares and calls it."""

import argparse
import json
import pathlib
import sys
import time
import traceback

from .context import Context
from .machine import describe
from .render.page import render
from .render.table import MET
from .rows import FAMILIES
from .samples import Samples, first_line

ROOT = pathlib.Path(__file__).resolve().parent.parent


def main():
    asked = arguments()
    out = pathlib.Path(asked.out)
    (out / "samples").mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    if not asked.render:
        measure(asked, out, asked.rows or list(FAMILIES))
    for one in render(out, FAMILIES):
        print(f"{MET[one.met].strip('*'):<7} {one.goal}: {one.measured} (bar {one.bar}; ratio {one.ratio}; p90 / p99 {one.spread}) {one.remark}".rstrip())
    print(f"\nTook {time.monotonic() - began:.0f} s. Table and plots: {out / 'README.md'}")


def arguments():
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("rows", nargs="*", metavar="ROW", choices=[[], *FAMILIES], help=f"one of {', '.join(FAMILIES)}; all by themselves")
    parser.add_argument("--short", action="store_true", help="few rounds, for a look")
    parser.add_argument("--out", default=ROOT / "docs" / "benchmarks")
    parser.add_argument("--profile", default="quick", help="of the binaries in target/")
    parser.add_argument("--runtime", help="OCI runtime of every container of Gradus")
    parser.add_argument("--render", action="store_true", help="measure nothing, write table and plots from the samples there are")
    return parser.parse_args()


def measure(asked, out, rows):
    context = Context(ROOT, asked.profile, asked.runtime, asked.short)
    (out / "machine.json").write_text(json.dumps(describe(ROOT, asked.runtime), indent=1) + "\n")
    try:
        for name in rows:
            began = time.monotonic()
            print(f"-- {name}", flush=True)
            try:
                samples = FAMILIES[name].measure(context)
            except Exception as why:  # noqa: BLE001 (one family that breaks does not end the others)
                traceback.print_exc(file=sys.stderr)
                samples = Samples(name, notes={"broken": first_line(why)})
            samples.notes["took_seconds"] = round(time.monotonic() - began)
            samples.write(out / "samples")
            print(f"   {samples.notes['took_seconds']} s, background budget left {context.quiet.left:.0f} s", flush=True)
    finally:
        context.close()


if __name__ == "__main__":
    main()
