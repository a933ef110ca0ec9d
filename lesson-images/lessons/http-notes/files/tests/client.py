"""Starts the service and talks to it over HTTP, as any other program would."""

import http.client
import json
import os
import socket
import subprocess
import sys
import time

import pytest

# Seconds the service may take to start, and to give one answer.
START_SECONDS = 5
ANSWER_SECONDS = 3


class Answer:
    """What came back. Tests compare `.status` or the whole answer with `answer(status, value)`."""

    def __init__(self, status, value, headers=None):
        self.status, self.value, self.headers = status, value, headers or {}

    def __eq__(self, other):
        return (self.status, self.value) == (other.status, other.value)

    def __repr__(self):
        if self.value is None:
            return f"{self.status} and no body"
        if isinstance(self.value, NotJson):
            return f"{self.status} and a body that is no JSON: {self.value}"
        return f"{self.status} {json.dumps(self.value, ensure_ascii=False)}"

    @property
    def error(self):
        """What the body says went wrong, None if it does not say."""
        return self.value.get("error") if isinstance(self.value, dict) else None


class NotJson(str):
    """The beginning of a body that is no JSON."""


def answer(status, value):
    return Answer(status, value)


class Service:
    def __init__(self):
        self.port = free_port()
        self.process = subprocess.Popen(
            [sys.executable, "-B", "service.py"],
            env={**os.environ, "PORT": str(self.port), "PYTHONUNBUFFERED": "1"},
        )
        self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=ANSWER_SECONDS)
        self.wait_until_it_listens()

    def wait_until_it_listens(self):
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                return socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
            except OSError:
                if self.process.poll() is not None:
                    pytest.fail(f"the service ended by itself, with exit code {self.process.returncode}", pytrace=False)
                if time.monotonic() > deadline:
                    pytest.fail(f"the service does not listen on port {self.port}", pytrace=False)
                time.sleep(0.01)

    def ask(self, method, path, value=None, raw=None):
        """One request with `value` as JSON, or with the bytes `raw`."""
        body = raw if raw is not None else None if value is None else json.dumps(value, ensure_ascii=False).encode()
        request = f"{method} {path}" + (f" with {body.decode(errors='replace')}" if body is not None else "")
        try:
            self.connection.request(method, path, body=body)
            response = self.connection.getresponse()
            data = response.read()
        except (OSError, http.client.HTTPException) as error:
            self.connection.close()
            pytest.fail(f"{request}\nno proper answer came: {type(error).__name__} {error}", pytrace=False)
        return Answer(response.status, decoded(data), response.headers)

    def stop(self):
        self.connection.close()
        self.process.kill()
        self.process.wait()


def decoded(data):
    if not data:
        return None
    try:
        return json.loads(data)
    except ValueError:
        return NotJson(repr(data.decode(errors="replace")[:60]))


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def service():
    running = Service()
    yield running
    running.stop()
