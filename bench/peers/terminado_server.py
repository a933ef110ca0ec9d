"""terminado as Jupyter runs it: one shell per socket. Prints its port."""

import asyncio

import tornado.httpserver
import tornado.netutil
import tornado.web
from terminado import TermSocket, UniqueTermManager


async def serve():
    manager = UniqueTermManager(shell_command=["bash", "--norc"])
    application = tornado.web.Application([(r"/terminal", TermSocket, {"term_manager": manager})])
    sockets = tornado.netutil.bind_sockets(0, "127.0.0.1")
    tornado.httpserver.HTTPServer(application).add_sockets(sockets)
    print(sockets[0].getsockname()[1], flush=True)
    await asyncio.Event().wait()


asyncio.run(serve())
