"""Keystroke echo and bulk output, ours beside terminado in one run, in turns.

    bench/terminal.py target/quick/gradus

Both are read by the same client over loopback. Ours goes client → API's relay → agent → guest in the container → bash and
back; terminado is one process whose bash runs on the machine itself.
"""

import asyncio
import statistics
import sys
import time

from gradus import Gradus, Learner, Terminal
from terminado_client import Terminado, TerminadoTerminal

ROUNDS = 5
KEYS_PER_ROUND = 100
# Between keys, as between those of a fast typist's hands; nothing is under way when the next goes down.
PAUSE_SECONDS = 0.02
BULK = "seq 1 2000000"
LESSON = "sh-pipes"


async def until(terminal, word):
    """Reads on until `word` has come, and to its end; how many bytes that took. What came after it is kept."""
    window, count = getattr(terminal, "rest", b""), 0
    while (at := window.find(word)) < 0:
        count += len(window)
        # The word may lie across two pieces.
        kept = window[len(window) - len(word) + 1 :] if len(window) >= len(word) else window
        count -= len(kept)
        window = kept + await terminal.read()
    terminal.rest = window[at + len(word) :]
    return count + at + len(word)


async def settle(terminal):
    """At a prompt, with nothing left to read."""
    await terminal.type("PS1='ready> '; bind 'set enable-bracketed-paste off'; echo settled-$((40+2))\r")
    await until(terminal, b"settled-42")
    await until(terminal, b"ready> ")


async def echo(terminal):
    taken = []
    for _ in range(KEYS_PER_ROUND):
        await asyncio.sleep(PAUSE_SECONDS)
        began = time.perf_counter()
        await terminal.type("x")
        await until(terminal, b"x")
        taken.append((time.perf_counter() - began) * 1000)
    # Ctrl-U: the line is not wanted.
    await terminal.type("\x15")
    await terminal.type("echo next-$((40+2))\r")
    await until(terminal, b"next-42")
    await until(terminal, b"ready> ")
    return taken


async def bulk(terminal):
    began = time.perf_counter()
    await terminal.type(f"{BULK}; echo over-$((40+2))\r")
    count = await until(terminal, b"over-42")
    taken = time.perf_counter() - began
    await until(terminal, b"ready> ")
    return taken, count


def percentile(values, share):
    return sorted(values)[int(share * (len(values) - 1))]


async def measure(binary):
    with Gradus(binary) as gradus, Terminado() as peer:
        terminals = [await Terminal.open(Learner.log_in(gradus), LESSON), await TerminadoTerminal.open(peer)]
        echoes = {terminal.name: [] for terminal in terminals}
        bulks = {terminal.name: [] for terminal in terminals}
        for terminal in terminals:
            await settle(terminal)
        for _ in range(ROUNDS):
            for terminal in terminals:
                echoes[terminal.name] += await echo(terminal)
            for terminal in terminals:
                bulks[terminal.name].append(await bulk(terminal))
    for name, taken in echoes.items():
        p50, p95 = percentile(taken, 0.5), percentile(taken, 0.95)
        print(f"{name:<10} echo of a key: p50 {p50:.2f} ms, p95 {p95:.2f} ms ({len(taken)} keys)")
    for name, rounds in bulks.items():
        seconds = statistics.median(taken for taken, _ in rounds)
        rate = statistics.median(count / taken for taken, count in rounds) / 1e6
        every = ", ".join(f"{taken:.2f}" for taken, _ in rounds)
        print(f"{name:<10} {BULK}: median {seconds:.2f} s, {rate:.1f} MB/s (rounds: {every} s)")
    ours, theirs = (statistics.median(taken for taken, _ in bulks[n]) for n in ("Gradus", "terminado"))
    print(f"ratio      echo {percentile(echoes['Gradus'], 0.5) / percentile(echoes['terminado'], 0.5):.2f}, bulk time {ours / theirs:.2f} (ours / terminado's, medians)")


if __name__ == "__main__":
    asyncio.run(measure(sys.argv[1] if len(sys.argv) > 1 else "target/quick/gradus"))
