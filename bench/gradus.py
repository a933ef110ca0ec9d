"""A real Gradus to measure, and a learner's client of it: HTTP for the session, a WebSocket for its terminals.

Speaks the protocol as the browser does (ide-protocol): typed bytes are numbered, output is acknowledged.
"""

import http.client
import json
import pathlib
import re
import shutil
import struct
import subprocess
import tempfile
import time
import urllib.parse
import uuid

from tornado.httpclient import HTTPRequest
from tornado.websocket import websocket_connect

ROOT = pathlib.Path(__file__).resolve().parent.parent
PROTOCOL = 1
# version, kind, viewer, terminal, offset
HEADER = struct.Struct(">BBIIQ")
INPUT = 2
# As the browser: a quarter of what may be under way.
ACKNOWLEDGE_EVERY_BYTES = 64 * 1024
START_SECONDS = 60


class Gradus:
    """`gradus up` (or one of its parts) with data of its own on a free port."""

    def __init__(self, binary, part="up"):
        self.data = tempfile.mkdtemp(prefix="gradus-bench-")
        command = [binary, part, "--data", self.data, "--listen", "127.0.0.1:0"]
        command += ["--agent-name", pathlib.Path(self.data).name] if part == "up" else []
        self.log = open(pathlib.Path(self.data, "log"), "w+")
        self.process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=self.log, text=True)
        self.passwords = {}
        for line in self.process.stdout:
            if found := re.match(r"\s+(learner|author|grader|admin)\s+(\S+)$", line):
                self.passwords[found[1]] = found[2]
            if found := re.match(r"Gradus is running at (http\S+)$", line):
                self.address = found[1]
            if line.startswith("Press Ctrl-C"):
                return
        self.log.seek(0)
        raise RuntimeError(f"gradus {part} did not start:\n{self.log.read()}")

    def memory_kib(self):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", status)[1])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        shutil.rmtree(self.data)


class Caller:
    """Someone who asks the API things over HTTP."""

    def __init__(self, gradus, **headers):
        self.address = gradus.address
        self.headers = {"Origin": self.address, "Content-Type": "application/json", **headers}

    def ask(self, method, path, body=None):
        where = urllib.parse.urlsplit(self.address)
        line = http.client.HTTPConnection(where.hostname, where.port)
        line.request(method, path, json.dumps(body) if body is not None else None, self.headers)
        answer = line.getresponse()
        text = answer.read().decode()
        line.close()
        if answer.status >= 300:
            raise RuntimeError(f"{method} {path}: {answer.status} {text}")
        if cookie := answer.getheader("Set-Cookie"):
            self.headers["Cookie"] = cookie.partition(";")[0]
        return json.loads(text) if text else None


def send_at_once(socket):
    """As every browser does: without it the kernel holds a small message back for 40 ms now and then (Nagle)."""
    socket.protocol.set_nodelay(True)


class Learner(Caller):
    @classmethod
    def log_in(cls, gradus, name="learner"):
        learner = cls(gradus)
        learner.ask("POST", "/api/v1/login", {"name": name, "password": gradus.passwords[name]})
        return learner

    def open_session(self, lesson):
        workspace = self.ask("POST", f"/api/v1/lessons/{lesson}/workspace")
        return self.ask("POST", "/api/v1/sessions", {"workspace": workspace["id"]})["id"]

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

    name = "Gradus"

    def __init__(self, socket):
        self.socket = socket
        self.id = None
        self.typed = self.received = self.acknowledged = 0

    @classmethod
    async def open(cls, learner, lesson):
        terminal = cls(await learner.watch(learner.open_session(lesson)))
        deadline = time.monotonic() + START_SECONDS
        asked = False
        while terminal.id is None and time.monotonic() < deadline:
            message = await terminal.socket.read_message()
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
