"""One run of a lesson in a container with the eval host's settings, and what its report says."""

import dataclasses
import io
import pathlib
import re
import subprocess
import tarfile
import tempfile
import xml.etree.ElementTree

HOME = "/home/learner"
SECCOMP = pathlib.Path(__file__).resolve().parents[2] / "eval-agent" / "src" / "seccomp.json"
LEARNER_UID = 200_007

# Exit codes by which the script below tells which step failed; no test runner uses them.
BUILD_FAILED = 90
SERVICE_FAILED = 91

# The report is what the container prints; everything else goes to its stderr. The pipe to `cat` is made here, by
# the learner's uid, as the guest makes it: opening /dev/fd/9 needs the right to open that pipe.
SCRIPT = """
mkdir -p $HOME/work && cd $HOME/work && tar x || exit 92
{services}
started=$EPOCHREALTIME
{{ {build}; }} >&2 </dev/null || exit {BUILD_FAILED}
( exec 9>&1 1>&2; export GRADUS_REPORT=/dev/fd/9; exec timeout {wall} {command} ) </dev/null | cat
code=${{PIPESTATUS[0]}}
echo "gradus-check: $(( ${{EPOCHREALTIME/./}} - ${{started/./}} )) us" >&2
exit $code
"""


class TrialError(Exception):
    pass


@dataclasses.dataclass
class Test:
    id: str
    passed: bool
    details: str = ""


@dataclasses.dataclass
class Run:
    exit_code: int
    output: str
    seconds: float
    tests: list[Test]

    @property
    def ids(self):
        return [test.id for test in self.tests]

    @property
    def build_failed(self):
        return self.exit_code == BUILD_FAILED


def run(lesson, solved, hidden):
    with tempfile.TemporaryDirectory() as scratch:
        accounts = write_accounts(pathlib.Path(scratch))
        command = ["docker", "run", "--rm", "--interactive", *settings(lesson, accounts)]
        command += [f"gradus/{lesson.image}", "env", "-i", *environment(lesson), "bash", "-c", script(lesson)]
        files = archive(lesson.files(solved, hidden))
        try:
            # Well above the lesson's own limit: only a container that does not end comes this far.
            done = subprocess.run(command, input=files, capture_output=True, timeout=lesson.limits["wall_seconds"] + 60)
        except subprocess.TimeoutExpired:
            raise TrialError(f"{lesson.slug}: the container did not end") from None
    output = done.stderr.decode(errors="replace")
    if done.returncode in (SERVICE_FAILED, 92, 125):
        raise TrialError(f"{lesson.slug}: the run could not start\n{output}")
    took = re.search(r"^gradus-check: (\d+) us$", output, re.MULTILINE)
    seconds = int(took.group(1)) / 1e6 if took else 0.0
    output = re.sub(r"^gradus-check: .*\n", "", output, flags=re.MULTILINE)
    read = {"tap": tap, "junit": junit}[lesson.manifest["tests"]["report"]]
    return Run(done.returncode, output, seconds, read(done.stdout.decode(errors="replace")))


def settings(lesson, accounts):
    limits, uid = lesson.limits, LEARNER_UID
    yield from ["--network", "none", "--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges"]
    yield from ["--security-opt", f"seccomp={SECCOMP}"]
    yield from ["--user", f"{uid}:{uid}", "--ipc", "private", "--shm-size", "8m"]
    home = f"size={limits['disk_mib']}m,nr_inodes=8192,uid={uid},gid={uid},mode=0700"
    yield from ["--tmpfs", f"{HOME}:exec,nosuid,nodev,{home}"]
    yield from ["--tmpfs", "/tmp:noexec,nosuid,nodev,size=16m,nr_inodes=2048,mode=1777"]
    yield from ["--memory", f"{limits['memory_mib']}m", "--memory-swap", f"{limits['memory_mib']}m"]
    yield from ["--cpus", str(limits["cpu_percent"] / 100), "--pids-limit", str(limits["processes"])]
    yield from ["--ulimit", "core=0", "--ulimit", "nofile=256"]
    yield from [part for name in ("passwd", "group") for part in ("--volume", f"{accounts / name}:/etc/{name}:ro")]


def environment(lesson):
    yield from ["PATH=/usr/local/bin:/usr/bin:/bin", f"HOME={HOME}", "USER=learner", "LOGNAME=learner"]
    yield from ["LANG=C.UTF-8", f"GRADUS_LESSON={lesson.slug}"]


def write_accounts(folder):
    uid = LEARNER_UID
    (folder / "passwd").write_text(f"root:x:0:0::/root:/bin/sh\nlearner:x:{uid}:{uid}::{HOME}:/bin/bash\n")
    (folder / "group").write_text(f"root:x:0:\nlearner:x:{uid}:\n")
    for path in (folder, folder / "passwd", folder / "group"):
        path.chmod(0o755)
    return folder


def script(lesson):
    tests = lesson.manifest["tests"]
    services = [f"{line(service)} >&2 </dev/null || exit {SERVICE_FAILED}" for service in lesson.manifest.get("services", [])]
    return SCRIPT.format(
        services="\n".join(services),
        build=line(tests.get("build", ["true"])),
        command=line(tests["command"]),
        wall=lesson.limits["wall_seconds"],
        BUILD_FAILED=BUILD_FAILED,
    )


def line(words):
    return " ".join("'" + word.replace("'", "'\\''") + "'" for word in words)


def archive(files):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for path, content, executable in files:
            entry = tarfile.TarInfo(path)
            entry.size, entry.mode = len(content), 0o755 if executable else 0o644
            tar.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


def tap(report):
    """The points at the left edge; what is indented or commented below a point belongs to it."""
    tests, plan = [], None
    for text in report.splitlines():
        if point := re.match(r"(not )?ok\s+\d+\s*(?:- )?(.*?)(\s# (?i:skip|todo).*)?$", text):
            failed, description, directive = point.groups()
            name = re.sub(r"\\([\\#])", r"\1", description.strip())
            tests.append(Test(name, not failed and not directive))
        elif found := re.match(r"1\.\.(\d+)", text):
            plan = int(found.group(1))
        elif tests:
            tests[-1].details += f"    {text}\n"
    if plan != len(tests):
        tests.append(Test(f"the plan says {plan} tests, {len(tests)} are reported", False))
    return tests


def junit(report):
    cases = xml.etree.ElementTree.fromstring(report).iter("testcase") if report.strip() else []
    return [Test(f"{case.get('classname')}.{case.get('name')}", len(case) == 0) for case in cases]
