"""terminado behind the same two words as our terminal: type and read."""

import json
import pathlib
import subprocess
import sys

from tornado.httpclient import HTTPRequest
from tornado.websocket import websocket_connect

from gradus import send_at_once


class Terminado:
    def __init__(self):
        server = pathlib.Path(__file__).with_name("terminado_server.py")
        self.process = subprocess.Popen([sys.executable, server], stdout=subprocess.PIPE, text=True)
        self.port = int(self.process.stdout.readline())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()


class TerminadoTerminal:
    name = "terminado"

    def __init__(self, socket):
        self.socket = socket

    @classmethod
    async def open(cls, server):
        address = f"127.0.0.1:{server.port}"
        headers = {"Origin": f"http://{address}"}
        terminal = cls(await websocket_connect(HTTPRequest(f"ws://{address}/terminal", headers=headers)))
        send_at_once(terminal.socket)
        await terminal.socket.write_message(json.dumps(["set_size", 24, 80]))
        return terminal

    async def type(self, text):
        await self.socket.write_message(json.dumps(["stdin", text]))

    async def read(self):
        while True:
            message = await self.socket.read_message()
            if message is None:
                raise RuntimeError("terminado closed the socket")
            kind, *rest = json.loads(message)
            if kind == "stdout":
                return rest[0].encode()
