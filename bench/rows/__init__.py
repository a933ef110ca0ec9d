"""One file per family of rows: how it is measured (`measure`) and what is claimed of it (`CLAIMS`)."""

from . import browser, burst, handin, memory, opening, rates, sockets, startup, store, terminals, trace, verdict

# In the order in which they are measured and shown: what one container's latency is before what many cost.
FAMILIES = {
    "verdict": verdict,
    "handin": handin,
    "rates": rates,
    "opening": opening,
    "browser": browser,
    "echo": terminals.Echo,
    "bulk": terminals.Bulk,
    "trace-key": trace.Key,
    "trace-handin": trace.HandIn,
    "memory": memory,
    "sockets": sockets,
    "store": store,
    "startup": startup,
    "burst": burst,
}
