"""A real Gradus to measure, and a learner's client of it: HTTP, and a WebSocket for terminals and runs of the tests.

Speaks the protocol as the browser does (ide-protocol): typed bytes are numbered, output is acknowledged.
"""

import asyncio
import hashlib
import http.client
import json
import pathlib
import re
import secrets
import shutil
import socket as sockets
import sqlite3
import struct
import subprocess
import tempfile
import time
import urllib.parse
import uuid

from tornado.httpclient import HTTPRequest
from tornado.websocket import websocket_connect

PROTOCOL = 1
# version, kind, viewer, terminal, offset
HEADER = struct.Struct(">BBIIQ")
INPUT = 2
# As the browser: a quarter of what may be under way.
ACKNOWLEDGE_EVERY_BYTES = 64 * 1024
START_SECONDS = 60
HOUR_MICROS = 3_600_000_000
# Between two questions whether a verdict is there.
POLL_SECONDS = 0.002
VERDICT_SECONDS = 120


class Gradus:
    """`gradus up` (or one of its parts) with data of its own on a free port."""

    def __init__(self, root, binary, part="up", lessons=None, options=(), data=None):
        self.root = root
        self.kept = data is not None
        self.data = data or tempfile.mkdtemp(prefix="gradus-bench-")
        self.agent = pathlib.Path(self.data).name
        command = [str(binary), part, "--data", self.data]
        command += ["--agent-name", self.agent] if part in ("up", "agent") else []
        command += ["--listen", "127.0.0.1:0"] if part in ("up", "api") else []
        command += ["--lessons", str(lessons)] if lessons and part in ("up", "api") else []
        self.log = open(pathlib.Path(self.data, f"log-{part}"), "w+")
        self.began = time.perf_counter()
        self.process = subprocess.Popen([*command, *options], cwd=root, stdout=subprocess.PIPE, stderr=self.log, text=True)
        self.passwords = {}
        self.address = None
        if part != "agent":
            self.hear(part)

    def hear(self, part):
        for line in self.process.stdout:
            if found := re.match(r"\s+(learner|author|grader|admin)\s+(\S+)$", line):
                self.passwords[found[1]] = found[2]
            if found := re.match(r"Gradus is running at (http\S+)$", line):
                self.address = found[1]
            if line.startswith("Press Ctrl-C"):
                return
        self.log.seek(0)
        said = self.log.read()[-500:]
        self.__exit__()
        raise RuntimeError(f"gradus {part} did not start: {said}")

    @property
    def database(self):
        return pathlib.Path(self.data, "gradus.db")

    @property
    def queue(self):
        return pathlib.Path(self.data, "queue.db")

    def memory_kib(self):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", status)[1])

    def containers(self):
        """Names of those of ours that run."""
        command = ["docker", "ps", "--quiet", "--filter", f"label=org.gradus.agent={self.agent}"]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()

    def settled(self, seconds=30, still=0.6):
        """Waits until its containers are the same for a while: nothing is being warmed up or removed."""
        deadline, last, since = time.monotonic() + seconds, None, time.monotonic()
        while time.monotonic() < deadline:
            now = sorted(self.containers())
            if now != last:
                last, since = now, time.monotonic()
            elif time.monotonic() - since > still:
                return
            time.sleep(0.2)

    def stop(self):
        self.process.terminate()
        self.process.wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()
        if not self.kept:
            shutil.rmtree(self.data)


def log_in_many(gradus, count):
    """New learners, logged in without a password: checking one is slow on purpose."""
    cookies = [secrets.token_hex(32) for _ in range(count)]
    now = time.time_ns() // 1_000
    with sqlite3.connect(gradus.database, timeout=30) as store:
        for cookie in cookies:
            account, digest = str(uuid.uuid4()), hashlib.sha256(cookie.encode()).hexdigest()
            store.execute(
                "INSERT INTO accounts (id, name, role, password_hash, created_at) VALUES (?, ?, 'learner', 'none', ?)",
                (account, f"learner-{account}", now),
            )
            store.execute(
                "INSERT INTO logins (secret_hash, account, created_at, expires_at) VALUES (?, ?, ?, ?)",
                (digest, account, now, now + HOUR_MICROS),
            )
    store.close()
    return [Learner(gradus, Cookie=f"gradus={cookie}") for cookie in cookies]


class Caller:
    """Someone who asks the API things over HTTP, on one connection."""

    def __init__(self, gradus, **headers):
        self.address = gradus.address
        self.headers = {"Origin": self.address, "Content-Type": "application/json", **headers}
        self.line = None

    def ask(self, method, path, body=None, **headers):
        text = json.dumps(body) if body is not None else None
        for attempt in (1, 2):
            line = self.line or self.connect()
            try:
                line.request(method, path, text, {**self.headers, **headers})
                answer = line.getresponse()
                said = answer.read().decode()
                break
            except (http.client.HTTPException, ConnectionError):
                # A connection that lay idle for long is closed by the server.
                self.line = None
                if attempt == 2:
                    raise
        if answer.status >= 300:
            raise RuntimeError(f"{method} {path}: {answer.status} {said}")
        if cookie := answer.getheader("Set-Cookie"):
            self.headers["Cookie"] = cookie.partition(";")[0]
        return json.loads(said) if said else None

    def connect(self):
        where = urllib.parse.urlsplit(self.address)
        self.line = http.client.HTTPConnection(where.hostname, where.port)
        self.line.connect()
        self.line.sock.setsockopt(sockets.IPPROTO_TCP, sockets.TCP_NODELAY, 1)
        return self.line


def send_at_once(socket):
    """As every browser does: without it the kernel holds a small message back for 40 ms now and then (Nagle)."""
    socket.protocol.set_nodelay(True)


class Learner(Caller):
    @classmethod
    def log_in(cls, gradus, name="learner"):
        learner = cls(gradus)
        learner.ask("POST", "/api/v1/login", {"name": name, "password": gradus.passwords[name]})
        return learner

    def workspace(self, lesson):
        return self.ask("POST", f"/api/v1/lessons/{lesson}/workspace")

    def save(self, workspace, path, text):
        entry = next(file for file in workspace["files"] if file["path"] == path)
        where = f"/api/v1/workspaces/{workspace['id']}/files/{path}"
        self.ask("PUT", where, {"content": {"encoding": "text", "data": text}}, **{"If-Match": f'"{entry["revision"]}"'})

    def hand_in(self, workspace):
        where = f"/api/v1/workspaces/{workspace['id']}/submissions"
        return self.ask("POST", where, **{"Idempotency-Key": str(uuid.uuid4())})["id"]

    def verdict(self, submission):
        """What it came to, when it has; asked once."""
        answer = self.ask("GET", f"/api/v1/submissions/{submission}")
        return answer if answer["state"]["type"] not in ("queued", "running") else None

    def wait(self, submission, every=POLL_SECONDS):
        deadline = time.monotonic() + VERDICT_SECONDS
        while not (answer := self.verdict(submission)):
            if time.monotonic() > deadline:
                raise RuntimeError(f"no verdict within {VERDICT_SECONDS} s")
            time.sleep(every)
        return answer

    def open_session(self, lesson):
        return self.ask("POST", "/api/v1/sessions", {"workspace": self.workspace(lesson)["id"]})["id"]

    def end_session(self, session):
        self.ask("DELETE", f"/api/v1/sessions/{session}")

    async def watch(self, session):
        """A viewer's socket that has said hello."""
        ticket = self.ask("POST", f"/api/v1/sessions/{session}/tickets")
        url = "ws" + self.address.removeprefix("http") + ticket["url"]
        socket = await websocket_connect(HTTPRequest(url, headers={"Origin": self.address}))
        send_at_once(socket)
        await socket.write_message(json.dumps({"type": "hello", "version": PROTOCOL, "client": str(uuid.uuid4())}))
        return socket


class Terminal:
    """One terminal of a session, as bytes in and bytes out."""

    def __init__(self, socket, learner, session):
        self.socket = socket
        self.learner, self.session = learner, session
        self.id = None
        self.rest = b""
        self.typed = self.received = self.acknowledged = 0

    @classmethod
    async def open(cls, learner, lesson):
        return await asyncio.wait_for(cls.wait_until_open(learner, lesson), START_SECONDS)

    @classmethod
    async def wait_until_open(cls, learner, lesson):
        session = learner.open_session(lesson)
        terminal = cls(await learner.watch(session), learner, session)
        asked = False
        while terminal.id is None:
            message = await terminal.socket.read_message()
            if message is None:
                raise RuntimeError("the session's socket was closed")
            said = json.loads(message) if isinstance(message, str) else {"type": "output"}
            if said["type"] == "terminals_listed" and not asked:
                await terminal.say(type="open_terminal", size={"columns": 80, "rows": 24})
                asked = True
            if said["type"] == "terminal_opened":
                terminal.id = said["terminal"]
        return terminal

    async def say(self, **message):
        await self.socket.write_message(json.dumps(message))

    async def type(self, text):
        payload = text.encode()
        await self.socket.write_message(HEADER.pack(PROTOCOL, INPUT, 0, self.id, self.typed) + payload, binary=True)
        self.typed += len(payload)

    async def read(self):
        """The next bytes of output."""
        while True:
            message = await self.socket.read_message()
            if message is None:
                raise RuntimeError(f"the socket was closed: {self.socket.close_code} {self.socket.close_reason}")
            if isinstance(message, str):
                continue
            payload = message[HEADER.size :]
            self.received += len(payload)
            if self.received - self.acknowledged >= ACKNOWLEDGE_EVERY_BYTES:
                self.acknowledged = self.received
                await self.say(type="acknowledge_output", terminal=self.id, offset=self.received)
            return payload

    async def rejoin(self):
        """A socket of this moment: one on which nobody answers pings is closed after 25 s."""
        self.socket.close()
        self.socket = await self.learner.watch(self.session)

    async def run_tests(self):
        """The lesson's visible tests in the learner's own container, to the end of the run."""
        return await asyncio.wait_for(self.wait_for_run(), VERDICT_SECONDS)

    async def wait_for_run(self):
        await self.say(type="run_tests")
        while True:
            message = await self.socket.read_message()
            if message is None:
                raise RuntimeError("the socket was closed")
            said = json.loads(message) if isinstance(message, str) else {"type": "output"}
            if said["type"] == "run_finished":
                return said
            if said["type"] in ("run_failed", "request_refused"):
                raise RuntimeError(said["message"])

    def close(self):
        self.socket.close()
