"""What was measured on."""

import datetime
import json
import os
import pathlib
import platform
import re
import subprocess
import tempfile
import time

FSYNCS = 300
BLOCK = b"x" * 4096


def describe(root, runtime=None):
    return {
        "taken": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC"),
        "commit": said(["git", "-C", str(root), "describe", "--always", "--dirty"]),
        "cpu": cpu(),
        "cores": os.cpu_count(),
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "kernel": platform.release(),
        "cgroup": cgroup_version(),
        "engine": said(["docker", "version", "--format", "Docker {{.Server.Version}}"]),
        "runtime": runtime or said(["docker", "info", "--format", "{{.DefaultRuntime}}"]),
        "runtime_version": runtime_version(),
        "fsyncs_per_second": round(fsync_rate(root / "target")),
        "python": platform.python_version(),
    }


def said(command):
    try:
        return subprocess.run(command, capture_output=True, text=True, timeout=20, check=True).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return "unknown"


def cpu():
    found = re.search(r"model name\s*:\s*(.+)", pathlib.Path("/proc/cpuinfo").read_text())
    return found[1].strip() if found else platform.machine()


def cgroup_version():
    if pathlib.Path("/sys/fs/cgroup/cgroup.controllers").exists():
        return "v2"
    return "v1 (hybrid)" if pathlib.Path("/sys/fs/cgroup/unified").exists() else "v1"


def runtime_version():
    components = said(["docker", "version", "--format", "{{json .Server.Components}}"])
    try:
        return ", ".join(f"{part['Name']} {part['Version']}" for part in json.loads(components) if part["Name"] in ("containerd", "runc"))
    except (ValueError, TypeError, KeyError):
        return "unknown"


def fsync_rate(folder):
    """Blocks of 4 KiB appended and made durable, one after the other, per second: what every durable commit waits for."""
    with tempfile.NamedTemporaryFile(dir=folder) as file:
        began = time.perf_counter()
        for _ in range(FSYNCS):
            file.write(BLOCK)
            file.flush()
            os.fdatasync(file.fileno())
        return FSYNCS / (time.perf_counter() - began)
