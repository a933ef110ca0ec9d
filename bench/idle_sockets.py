"""Memory of the API with idle sessions: 1,000 learners, each with one page on one ready session.

    bench/idle_sockets.py target/quick/gradus

`gradus api` alone. The agents' ends are played by this program over the real protocol – a thousand real containers do not
fit on one machine – so every session is ready and has both of its sockets: a viewer's and an agent's. Accounts and logins
are put into the store directly, for passwords are slow to check on purpose. Reported is how much the API's resident
memory has grown per session, and per socket, a while after the last of them connected.
"""

import asyncio
import hashlib
import json
import pathlib
import resource
import secrets
import sqlite3
import sys
import time
import uuid

from gradus import PROTOCOL, Caller, Gradus, Learner
from tornado.httpclient import HTTPRequest
from tornado.websocket import websocket_connect

SESSIONS = 1_000
# For the last messages to be taken in; sockets that were only just opened hold on to more.
REST_SECONDS = 10
LESSON = "sh-pipes"
HOUR_MICROS = 3_600_000_000


def log_in_many(database, count):
    """Cookies of `count` new learners."""
    cookies = [secrets.token_hex(32) for _ in range(count)]
    now = time.time_ns() // 1_000
    with sqlite3.connect(database, timeout=30) as store:
        for number, cookie in enumerate(cookies):
            account, digest = str(uuid.uuid4()), hashlib.sha256(cookie.encode()).hexdigest()
            store.execute(
                "INSERT INTO accounts (id, name, role, password_hash, created_at) VALUES (?, ?, 'learner', 'none', ?)",
                (account, f"learner-{number}", now),
            )
            store.execute(
                "INSERT INTO logins (secret_hash, account, created_at, expires_at) VALUES (?, ?, ?, ?)",
                (digest, account, now, now + HOUR_MICROS),
            )
    store.close()
    return cookies


def jobs(database):
    """What an agent would lease."""
    with sqlite3.connect(database, timeout=30) as store:
        return [json.loads(body) for (body,) in store.execute("SELECT body FROM queue_jobs ORDER BY id")]


async def be_agent(gradus, job):
    """The agent's socket of a session that is ready and has one idle terminal."""
    authorization = {"Authorization": f"Bearer {job['token']}"}
    Caller(gradus, **authorization).ask("POST", f"/agent/v1/jobs/{job['job']}/start", {"agent": "bench", "delivery": 1})
    url = f"ws{gradus.address.removeprefix('http')}/agent/v1/jobs/{job['job']}/relay"
    socket = await websocket_connect(HTTPRequest(url, headers=authorization))
    size = {"columns": 80, "rows": 24}
    terminal = {"terminal": 1, "size": size, "output_offset": 0, "exited": None}
    listed = {"type": "terminals_listed", "terminals": [terminal], "run": None}
    for message in [
        {"type": "hello", "version": PROTOCOL},
        {"type": "session_ready"},
        {"type": "to_all_viewers", "message": listed},
    ]:
        await socket.write_message(json.dumps(message))
    return socket


async def measure(binary):
    resource.setrlimit(resource.RLIMIT_NOFILE, (8_192, max(8_192, resource.getrlimit(resource.RLIMIT_NOFILE)[1])))
    with Gradus(binary, "api") as gradus:
        database = pathlib.Path(gradus.data, "gradus.db")
        learners = [Learner(gradus, Cookie=f"gradus={cookie}") for cookie in log_in_many(database, SESSIONS)]
        sessions = [learner.open_session(LESSON) for learner in learners]
        while len(jobs(database)) < SESSIONS:
            await asyncio.sleep(0.1)
        before = gradus.memory_kib()
        viewers = [await learner.watch(session) for learner, session in zip(learners, sessions)]
        await asyncio.sleep(REST_SECONDS)
        watched = gradus.memory_kib()
        agents = [await be_agent(gradus, job) for job in jobs(database)]
        await asyncio.sleep(REST_SECONDS)
        ready = gradus.memory_kib()
        state = await hear_state(viewers[-1])
        print(f"{SESSIONS} sessions ({state}): API {before / 1024:.0f} MiB before, {watched / 1024:.0f} MiB with their")
        print(f"viewers, {ready / 1024:.0f} MiB with their agents: {(watched - before) / SESSIONS:.1f} KiB per viewer's socket,")
        print(f"{(ready - watched) / SESSIONS:.1f} per agent's socket, {(ready - before) / SESSIONS:.1f} per idle session")
        assert state == "ready" and len(agents) == len(viewers)


async def hear_state(viewer):
    """The last state that a viewer has been told."""
    state = None
    while True:
        message = json.loads(await viewer.read_message())
        state = message.get("state", {}).get("type", state)
        if message["type"] == "terminals_listed":
            return state


if __name__ == "__main__":
    asyncio.run(measure(sys.argv[1] if len(sys.argv) > 1 else "target/quick/gradus"))
