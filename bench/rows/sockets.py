"""Memory of the API with idle sessions: 1,000 learners, each with one page on one ready session.

`gradus api` alone. The agents' ends are played by this program over the real protocol – a thousand real containers do not
fit on one machine – so every session is ready and has both of its sockets: a viewer's and an agent's. Reported is how much the
API's resident memory has grown per socket, a while after the last of them connected.
"""

import asyncio
import json
import resource
import sqlite3

from tornado.httpclient import HTTPRequest
from tornado.websocket import websocket_connect

from ..claims import Claim, at_most
from ..gradus import PROTOCOL, Caller, log_in_many
from ..samples import Samples

SESSIONS = 1_000
# For the last messages to be taken in; sockets that were only just opened hold on to more.
REST_SECONDS = 8
START_SECONDS = 120
LESSON = "sh-pipes"


def measure(context):
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(8_192, hard), hard))
    return asyncio.new_event_loop().run_until_complete(sockets(context, 100 if context.short else SESSIONS))


async def sockets(context, count):
    samples = Samples("sockets", unit="KiB")
    with context.up("--connections-per-address", "4096", part="api") as gradus:
        learners = log_in_many(gradus, count)
        sessions = [learner.open_session(LESSON) for learner in learners]
        for learner in learners:
            # Each has one line for questions, which is not what is measured.
            learner.line.close()
            learner.line = None
        await asyncio.sleep(REST_SECONDS)
        before = gradus.memory_kib()
        viewers = [await watch_alone(learner, session) for learner, session in zip(learners, sessions)]
        await asyncio.sleep(REST_SECONDS)
        watched = gradus.memory_kib()
        agents = await asyncio.wait_for(be_agents(gradus, count), START_SECONDS)
        await asyncio.sleep(REST_SECONDS)
        ready = gradus.memory_kib()
        state = await hear_state(viewers[-1])
        if state != "ready" or len(agents) != len(viewers):
            raise RuntimeError(f"{len(agents)} of {len(viewers)} agents are there, the last session is {state}")
        samples.add("Gradus, viewer's socket", (watched - before) / count)
        samples.add("Gradus, agent's socket", (ready - watched) / count)
        samples.notes = {"sockets": 2 * count, "before_kib": before, "with_viewers_kib": watched, "with_agents_kib": ready}
    return samples


async def watch_alone(learner, session):
    socket = await learner.watch(session)
    learner.line.close()
    learner.line = None
    return socket


async def be_agents(gradus, count):
    """As agents do, job after job: the queue is given more as those it has are begun on."""
    agents = {}
    while len(agents) < count:
        new = [job for job in jobs(gradus.queue) if job["job"] not in agents]
        for job in new:
            agents[job["job"]] = await be_agent(gradus, job)
        if not new:
            await asyncio.sleep(0.1)
    return list(agents.values())


def jobs(queue):
    """What an agent would lease."""
    with sqlite3.connect(queue, timeout=30) as store:
        return [json.loads(body) for (body,) in store.execute("SELECT body FROM queue_jobs ORDER BY id")]


async def be_agent(gradus, job):
    """The agent's socket of a session that is ready and has one idle terminal."""
    authorization = {"Authorization": f"Bearer {job['token']}"}
    caller = Caller(gradus, **authorization)
    caller.ask("POST", f"/agent/v1/jobs/{job['job']}/start", {"agent": "bench", "delivery": 1})
    caller.line.close()
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


async def hear_state(viewer):
    """The last state that a viewer has been told."""
    state = None
    while True:
        message = json.loads(await viewer.read_message())
        state = message.get("state", {}).get("type", state)
        if message["type"] == "terminals_listed":
            return state


CLAIMS = [
    Claim("1,000 idle WebSockets of learners on the API", "≤ 64 KiB each", at_most("Gradus, viewer's socket", 64, "KiB")),
    Claim("1,000 idle WebSockets of agents on the API", "≤ 64 KiB each", at_most("Gradus, agent's socket", 64, "KiB")),
]
PLOT = ("Memory of one idle WebSocket", "KiB")
